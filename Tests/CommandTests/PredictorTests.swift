import Foundation
import TestTools
import Testing

extension CommandTests {
    static let needsEncoder: Comment = "TIDEWAY_TEST_CACHE names no folder with all-MiniLM-L6-v2; `make test` sets it"

    /// `tideway predictor`, `tideway run --history --predictor` and `tideway embed`.
    @Suite("learned lengths", .enabled(if: Settings.encoder != nil, CommandTests.needsEncoder))
    struct PredictorTests {
        private let encoder = Settings.encoder ?? ""

        /// 160 requests, some of them as odd as they come; an answer has as many tokens as it is allowed.
        private static func requests() throws -> RequestFile {
            var file = RequestFile()
            var generator = SplitMix(seed: 31)
            for index in 0..<150 {
                try file.add(
                    "r-\(index)",
                    [
                        "prompt": .string(Words.text(3 + index % 40, using: &generator)), "ignore_eos": true,
                        "max_tokens": .number(Double(1 + index * 7 % 40)), "temperature": 0,
                    ])
            }
            let odd = ["", " ", "🌊🌊", "潮汐", "\u{0}", "[CLS] [SEP]", String(repeating: "tide ", count: 300), "\n\n"]
            for (index, text) in odd.enumerated() {
                let message: JSONTree = ["role": "user", "content": .string(text)]
                try file.add("odd-\(index)", ["messages": [message], "max_tokens": 9, "temperature": 0])
            }
            try file.add("tokens", ["prompt": Words.tokens(30, using: &generator), "max_tokens": 5, "n": 2])
            // Refused: a history and a forecast pass it by.
            file.add(raw: Array(#"{"custom_id": "bad", "prompt": 7}"#.utf8))
            return file
        }

        private func train(_ batch: Batch, _ history: String, to output: String) throws -> CommandResult {
            try tideway([
                "predictor", "train", "--history", history, "--prompts", batch.input, "--model", batch.model,
                "--encoder", encoder, "--output", output,
            ])
        }

        @Test("from a history to a predictor to a run that plans with it")
        func lifeCycle() throws {
            let batch = try Batch(Self.requests())
            let (history, predictor) = (batch.folder.file("h.jsonl"), batch.folder.file("p.safetensors"))
            let first = try batch.run(
                "first", ["--history", history, "--policy", "td-pipe", "--stages", "2"], status: 3)
            let lines = try String(decoding: bytes(of: history), as: UTF8.self).split(separator: "\n").map {
                try JSONTree(parsing: $0.utf8)
            }
            #expect(lines.count == 160)
            #expect(lines.allSatisfy { $0["produced"]?.integer ?? -1 > 0 && $0["predicted"]?.integer ?? -1 > 0 })
            #expect(!String(decoding: bytes(of: history), as: UTF8.self).contains("tide"))

            let trained = try train(batch, history, to: predictor)
            try #require(trained.status == 0, "\(trained.errors)")
            #expect(trained.output.contains("quantiles") && trained.output.contains("oracle"), "\(trained.output)")
            #expect(trained.errors.contains("1 lines of"), "\(trained.errors)")
            let again = batch.folder.file("again.safetensors")
            #expect(try train(batch, history, to: again).status == 0)
            #expect(bytes(of: again) == bytes(of: predictor))
            let seen = try tideway(["predictor", "inspect", predictor])
            #expect(seen.status == 0 && seen.output.contains("all-MiniLM-L6-v2") && seen.output.contains("tiny"))

            let log = batch.folder.file("events")
            let plan = ["--policy", "td-pipe", "--stages", "2", "--predictor", predictor, "--kv-memory", "320KiB"]
            let stats = batch.folder.file("stats")
            let second = try batch.run("second", plan + ["--event-log", log, "--stats", stats], status: 3)
            #expect(second.differences(from: first) == [])
            #expect(try JSONTree(parsing: bytes(of: stats))["prediction_seconds"]?.number ?? 0 > 0)
            #expect(String(decoding: bytes(of: log), as: UTF8.self).contains(" expected="))
            let replay = try tideway(["simulate", "--replay", log])
            #expect(replay.status == 0, "\(replay.errors)")
            try benchmark(batch, history, predictor)
        }

        /// The held-out answers as a workload, for benchmark and simulator.
        private func benchmark(_ batch: Batch, _ history: String, _ predictor: String) throws {
            let (workload, json) = (batch.folder.file("w.jsonl"), batch.folder.file("e.json"))
            let judged = try tideway([
                "predictor", "evaluate", "--history", history, "--prompts", batch.input, "--model", batch.model,
                "--predictor", predictor, "--workload", workload, "--json", json,
            ])
            try #require(judged.status == 0, "\(judged.errors)")
            let rows = try JSONTree(parsing: bytes(of: json))["rows"]?.elements ?? []
            #expect(rows.contains { $0["name"]?.string == "oracle" && $0["accuracy"]?.number == 1 })
            let policies = "td-pipe+lengths=oracle,td-pipe+lengths=learned,td-pipe+lengths=history"
            let base = ["bench", "offline", "--model", batch.model, "--policies", policies, "--stages", "2"]
            for extra in [[], ["--predictor", predictor]] {
                let result = try tideway(base + ["--workload", workload, "--kv-memory", "25%"] + extra)
                #expect(result.status == 0 && result.output.contains("tokens equal in all 3 runs"), "\(result.errors)")
            }
            let simulated = try tideway([
                "simulate", "--cluster", "2xL20", "--model", "Llama-2-7B", "--workload", workload, "--requests", "60",
                "--policies", policies,
            ])
            #expect(simulated.status == 0 && simulated.output.contains("lengths=learned"), "\(simulated.errors)")

            let plain = String(decoding: bytes(of: workload), as: UTF8.self)
                .replacing(/,"forecast":\[[0-9,]*\]/, with: "")
            let without = try batch.folder.write("without.jsonl", plain.utf8)
            let refused = try tideway(base + ["--workload", without])
            #expect(refused.status == 1 && refused.errors.contains("without a predictor"), "\(refused.errors)")
            // A workload's own prompts name its answers too.
            let kept = batch.folder.file("kept.jsonl")
            let keeping = ["--policies", "separate", "--workload", without, "--history", kept]
            #expect(try tideway(["bench", "offline", "--model", batch.model] + keeping).status == 0)
            #expect(bytes(of: kept).count { $0 == 0x0A } == plain.utf8.count { $0 == 0x0A })
        }

        @Test("what does not belong together is refused before anything is written")
        func refusals() throws {
            let batch = try Batch(Self.requests())
            let history = batch.folder.file("h.jsonl")
            let predictor = batch.folder.file("p.safetensors")
            _ = try batch.run("first", ["--history", history], status: 3)
            #expect(try train(batch, history, to: predictor).status == 0)
            func run(_ extra: [String], model: String? = nil) throws -> CommandResult {
                let output = batch.folder.file("never")
                let fixed = ["run", "--model", model ?? batch.model, "--input", batch.input, "--output", output]
                let result = try tideway(fixed + ["--quiet"] + extra)
                #expect(!FileManager.default.fileExists(atPath: output))
                return result
            }
            let other = try run(["--predictor", predictor], model: Settings.tiny("qwen2"))
            #expect(
                other.status == 1 && other.errors.contains("was trained on answers of model tiny"), "\(other.errors)")
            let lost = try run(["--predictor", predictor, "--encoder", batch.folder.file("nowhere")])
            #expect(lost.status == 1 && lost.errors.contains("nowhere"), "\(lost.errors)")
            let torn = try batch.folder.write("torn", bytes(of: predictor).dropLast(7))
            let cut = try run(["--predictor", torn])
            #expect(cut.status == 1 && cut.errors.contains("torn"), "\(cut.errors)")
            let damaged = try batch.folder.write("damaged.jsonl", Array("{}\n".utf8) + bytes(of: history))
            let wrong = try run(["--history", damaged])
            #expect(wrong.status == 1 && wrong.errors.contains("line 1"), "\(wrong.errors)")
            for usage in [
                ["--encoder", encoder], ["--predictor", predictor, "--policy", "hybrid"],
                ["--predictor", predictor, "--lengths", "history"], ["--history", batch.input],
                ["--lengths", "learned"],
            ] {
                let result = try run(usage)
                #expect(result.status == 2, "\(usage): \(result.errors)")
            }
            let few = try batch.folder.write("few.jsonl", Array(bytes(of: history).prefix(1200)))
            let tooFew = try train(batch, few, to: batch.folder.file("x"))
            #expect(tooFew.status == 1 && tooFew.errors.contains("at least 100"), "\(tooFew.errors)")
        }

        @Test("a history goes on behind a torn line")
        func tornHistory() throws {
            let batch = try Batch(Self.requests())
            let history = batch.folder.file("h.jsonl")
            _ = try batch.run("first", ["--history", history], status: 3)
            let whole = bytes(of: history)
            _ = try batch.folder.write("h.jsonl", Array(whole.dropLast(20)))
            _ = try batch.run("second", ["--history", history], status: 3)
            let lines = String(decoding: bytes(of: history), as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 159 + 160)
            for line in lines { #expect(try JSONTree(parsing: line.utf8)["model"]?.string != nil) }
        }

        @Test("an answer without a limit is expected to fill the context at most, and the history stays readable")
        func noLimit() throws {
            var file = RequestFile()
            let message: JSONTree = ["role": "user", "content": "tide"]
            try file.add("endless", ["messages": [message], "temperature": 0])
            let batch = try Batch(file, ignoresEOS: true)
            let history = batch.folder.file("h.jsonl")
            for name in ["first", "second"] { _ = try batch.run(name, ["--history", history]) }
            let lines = String(decoding: bytes(of: history), as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 2)
            for line in lines {
                let record = try JSONTree(parsing: line.utf8)
                #expect(record["predicted"]?.integer == record["produced"]?.integer && record["limit"] == nil)
            }
        }

        @Test("texts become vectors of unit length, wherever they come from")
        func embed() throws {
            let folder = try TemporaryFolder()
            let file = try folder.write("t.txt", Array("two tides a day\n\nzwei Gezeiten am Tag\r\n".utf8))
            let listed = try tideway(["embed", "--encoder", encoder, "--input", file])
            let given = try tideway(["embed", "--encoder", encoder, "two tides a day", "", "zwei Gezeiten am Tag"])
            #expect(listed.status == 0 && listed.output == given.output, "\(listed.errors)\(given.errors)")
            let vectors = try listed.output.split(separator: "\n").map { line in
                try JSONTree(parsing: line.utf8)["embedding"]?.elements?.compactMap(\.number) ?? []
            }
            #expect(vectors.map(\.count) == [384, 384, 384])
            for vector in vectors { #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5) }
            let wrong = try tideway(["embed", "--encoder", folder.file("none"), "x"])
            #expect(wrong.status == 1 && wrong.errors.contains("none"), "\(wrong.errors)")
            #expect(try tideway(["embed", "--encoder", encoder, "--window", "2", "x"]).status != 0)
        }
    }
}
