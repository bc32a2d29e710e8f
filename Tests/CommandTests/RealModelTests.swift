import Foundation
import TestTools
import Testing

extension CommandTests {
    /// The project's own 48 requests on SmolLM2-135M-Instruct.
    @Suite("SmolLM2", .enabled(if: Settings.realModel != nil, CommandTests.needsRealModel))
    struct RealModelTests {
        private static let mebibyte = 1 << 20

        /// With the plain run, 1 stage of 1 thread with chunk 512, and the resumed one, 3 stages of 2 threads with the
        /// same, nearly every pair of values of two settings occurs.
        private static let plans = [
            RunPlan(stages: 1, threads: 2, policy: "separate", chunk: 64, pool: 24 * mebibyte),
            RunPlan(stages: 2, threads: 2, policy: "hybrid", chunk: 7, pool: 24 * mebibyte),
            RunPlan(stages: 2, threads: 1, policy: "separate", chunk: 512, pool: 256 * mebibyte),
            RunPlan(stages: 3, threads: 1, policy: "separate", chunk: 7, pool: 64 * mebibyte),
            RunPlan(stages: 3, threads: 2, policy: "hybrid", chunk: 64, pool: 24 * mebibyte),
            RunPlan(stages: 2, threads: 1, policy: "hybrid", chunk: 64, pool: 64 * mebibyte),
            RunPlan(stages: 4, threads: 1, policy: "throttle", chunk: 512, pool: 24 * mebibyte),
            RunPlan(stages: 2, threads: 1, policy: "td-pipe", chunk: 512, pool: 64 * mebibyte),
            RunPlan(stages: 4, threads: 1, policy: "td-pipe", chunk: 64, pool: 24 * mebibyte),
        ]

        /// The answers of a plain run, made once.
        private static let reference = Result {
            let (answers, figures) = try batch().runWithFigures(
                "reference", RunPlan(pool: 256 * mebibyte).arguments)
            guard try figures.integer("preemptions") == 0 else { throw TestFailure("256 MiB were not enough") }
            return answers
        }

        private static func batch() throws -> Batch {
            guard let model = Settings.realModel else { throw TestFailure("there is no model") }
            return Batch(model: model, input: Settings.examples, folder: try TemporaryFolder())
        }

        @Test("the example of the README answers three prompts, as the command does")
        func example() throws {
            let model = try #require(Settings.realModel)
            let result = try RunningCommand([model], program: Settings.example).finish()
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
            let prompts = ["Why are there two tides a day?", "What is a neap tide?", "Name three seas."]
            var file = RequestFile()
            for prompt in prompts {
                let message: JSONTree = ["role": "user", "content": .string(prompt)]
                try file.add(prompt, ["messages": [message], "max_tokens": 48, "temperature": 0])
            }
            let answers = try Batch(file, model: model).run("out")
            var expected = ""
            for prompt in prompts {
                let choice = try answers.answer(prompt).choice
                expected += "\(prompt)\n    \(choice.text)\n    (\(choice.tokens.count) tokens)\n\n"
            }
            #expect(result.output == expected)
        }

        @Test("the 48 requests get the same answers however they are run", arguments: plans.indices)
        func equality(index: Int) throws {
            let plan = Self.plans[index]
            let reference = try Self.reference.get()
            try #require(reference.ids.count == 48)
            let (answers, figures) = try Self.batch().runWithFigures("out", plan.arguments)
            #expect(answers.differences(from: reference) == [], "\(plan)")
            if plan.pool == 24 * Self.mebibyte, ["separate", "hybrid"].contains(plan.policy) {
                #expect(try figures.integer("preemptions") > 0)
            }
            #expect(try figures.integer("kv_blocks_peak") <= figures.integer("kv_blocks_total"))
            #expect((0..<1).contains(try figures.number("bubble_ratio")))
            try checkMemory(figures, plan)
        }

        private func checkMemory(_ figures: Figures, _ plan: RunPlan) throws {
            let peak = try figures.integer("peak_rss_bytes")
            let (weights, pool) = (try figures.integer("weights_bytes"), try figures.integer("kv_pool_bytes"))
            #expect(weights > 70_000_000 && pool <= plan.pool && pool > plan.pool * 9 / 10)
            #expect(peak <= weights + pool + 150_000_000)
            #if os(Linux)
                #expect(abs(Double(peak) / Double(figures.seen.peakMemory) - 1) < 0.1, "\(figures.seen.peakMemory)")
            #endif
        }

        @Test("requests alone in a file get the answers that they get among others")
        func alone() throws {
            let reference = try Self.reference.get()
            let lines = bytes(of: Settings.examples).split(separator: 0x0A)
            // A long prompt, two drawn answers, log-probabilities, a short answer.
            for index in [10, 14, 29, 42, 2] {
                let batch = try Self.batch()
                let input = try batch.folder.write("one.jsonl", Array(lines[index - 1]) + [0x0A])
                let one = Batch(model: batch.model, input: input, folder: batch.folder)
                let answers = try one.run("out", ["--kv-memory", "64MiB", "--threads", "1"])
                let id = try #require(answers.ids.first)
                #expect(answers.ids.count == 1 && answers.stable[id] == reference.stable[id], "\(id)")
            }
        }

        @Test("an interrupted and then killed run ends like one that never was")
        func resumed() throws {
            let reference = try Self.reference.get()
            let batch = try Self.batch()
            let output = batch.folder.file("out")
            let plan = RunPlan(stages: 3, threads: 2, policy: "hybrid", chunk: 512, pool: 24 * Self.mebibyte)
            let arguments = batch.arguments(output: "out", plan.arguments)
            func start(until lines: Int, _ signal: Int32) throws -> CommandResult {
                let run = try RunningCommand(arguments)
                try #require(try run.wait(until: { bytes(of: output).count { $0 == 0x0A } >= lines }))
                run.send(signal)
                return try run.finish()
            }

            let interrupted = try start(until: 3, SIGINT)
            #expect(interrupted.status == 1 && interrupted.errors.contains("stopped: "), "\(interrupted.errors)")
            let first = try OutputFile(output)
            #expect((3..<40).contains(first.ids.count))
            #expect(try start(until: first.ids.count + 8, SIGKILL).isSignalled)
            let second = try OutputFile.wholeLines(of: output)
            #expect(second.ids.count > first.ids.count && second.ids.count < 48)
            #expect(second.wrongLines(against: reference) == [])

            let finished = try tideway(arguments)
            #expect(finished.status == 0, "\(finished.errors)")
            #expect(try OutputFile(output).differences(from: reference) == [])
        }

        @Test("answers at temperature 1 with a seed are the same, preempted in a pipeline or not")
        func drawn() throws {
            var requests = RequestFile()
            for (index, line) in bytes(of: Settings.examples).split(separator: 0x0A).enumerated() {
                guard case .object(var body)? = try JSONTree(parsing: line)["body"] else { continue }
                for key in ["stop", "max_completion_tokens", "min_tokens", "temperature"] { body[key] = nil }
                body["temperature"] = 1
                body["seed"] = .number(Double(1000 + index))
                body["max_tokens"] = 16
                body["ignore_eos"] = true
                try requests.add("drawn-\(index)", .object(body))
            }
            try #require(requests.ids.count == 48)
            let batch = try Batch(requests, model: #require(Settings.realModel))
            let plain = try batch.run("plain", RunPlan(pool: 256 * Self.mebibyte).arguments)
            let plan = RunPlan(stages: 3, threads: 1, policy: "separate", chunk: 64, pool: 24 * Self.mebibyte)
            let (answers, figures) = try batch.runWithFigures("out", plan.arguments)
            #expect(plain.ids.count == 48 && answers.differences(from: plain) == [])
            #expect(try figures.integer("preemptions") > 0)
        }

        @Test("stop strings across token borders cut real text")
        func stops() throws {
            let base: [String: JSONTree] = ["prompt": "The tide comes in when", "max_tokens": 40, "temperature": 0]
            let model = try #require(Settings.realModel)
            var file = RequestFile()
            try file.add("whole", .object(base.merging(["logprobs": 0]) { $1 }))
            let whole = try Batch(file, model: model).run("out", ["--kv-memory", "64MiB"]).answer("whole").choice
            let pieces = try #require(whole.logprobs?["tokens"]?.elements).compactMap(\.string)
            // The end of one word, the space, and the beginning of the next one: " moon" and " is" share no token.
            let index = try #require(
                (2..<30).first { index in
                    let stop = String(pieces[index].suffix(1) + pieces[index + 1].prefix(3))
                    return pieces[index].count > 1 && pieces[index + 1].count > 3
                        && whole.text.components(separatedBy: stop).count == 2
                })
            let stop = String(pieces[index].suffix(1) + pieces[index + 1].prefix(3))
            file = RequestFile()
            try file.add("stopped", .object(base.merging(["stop": .string(stop)]) { $1 }))
            let stopped = try Batch(file, model: model).run("out", ["--kv-memory", "64MiB"]).answer("stopped").choice
            #expect(stopped.finishReason == "stop")
            #expect(stopped.text == whole.text.components(separatedBy: stop)[0])
            #expect(stopped.tokens == Array(whole.tokens[...(index + 1)]))
        }
    }
}
