import Foundation
import TestTools
import Testing

extension CommandTests {
    /// `tideway simulate`: no model and no cache is needed but where real runs are simulated.
    @Suite("simulate")
    struct SimulateTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        private func simulate(_ arguments: [String]) throws -> CommandResult {
            try tideway(["simulate"] + arguments)
        }

        private let small = ["--cluster", "4xL20", "--model", "Llama-2-13B", "--requests", "40"]

        @Test(
            "the help of each subcommand names every flag and what there is",
            arguments: [
                (
                    "study",
                    [
                        "cluster", "model", "workload", "policies", "requests", "seed", "parallel", "weights",
                        "arrivals",
                        "rate", "predictor", "prediction-error", "predictor-bias", "order", "profile-error", "td-pipe",
                        "prefill-chunk", "max-sequences",
                        "memory-share", "kv-blocks", "controller-us", "ttft", "tpot", "goodput", "sweep", "catalogue",
                        "json", "report", "timeline", "quiet",
                    ], ["A100-80G-PCIe", "Llama-2-70B", "pcie4-shared", "sharegpt"]
                ),
                (
                    "paper", ["workload", "requests", "seed", "catalogue", "json", "report", "quiet"],
                    ["td-pipe-paper"]
                ),
                (
                    "like",
                    [
                        "model", "workload", "profile", "predictor", "prefill-chunk", "max-sequences", "hand-over-us",
                        "controller-us", "json", "report", "quiet",
                    ], ["tideway profile"]
                ),
                ("fuzz", ["seeds", "seed"], ["invariant"]), ("replay", [], ["--event-log"]),
            ])
        func help(subcommand: String, flags: [String], words: [String]) throws {
            let result = try simulate([subcommand, "--help"])
            #expect(result.status == 0 && result.errors.isEmpty)
            for flag in flags { #expect(result.output.contains("  --\(flag) "), "\(flag)") }
            let text = result.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            for word in words { #expect(text.contains(word), "\(word)") }
            let overview = try simulate(["--help"]).output
            #expect(overview.contains("  \(subcommand) ") && overview.contains("Exit status"))
        }

        @Test("what were flags once are subcommands, and the flags go on working")
        func formerFlags() throws {
            #expect(try simulate(["fuzz", "--seeds", "20"]).output == simulate(["--fuzz", "--seeds", "20"]).output)
            #expect(try simulate(["--seeds", "20", "--fuzz"]).output == simulate(["fuzz", "--seeds", "20"]).output)
            let missing = folder.file("missing.log")
            for arguments in [["replay", missing], ["--replay", missing], ["--replay=\(missing)"]] {
                let result = try simulate(arguments)
                #expect(result.status == 1 && result.errors.contains("missing.log"), "\(result.errors)")
            }
            // The value counts, whatever it begins with; of two, the last.
            for arguments in [["--replay=-dash"], ["--replay", missing, "--replay=-dash"]] {
                let result = try simulate(arguments)
                #expect(result.status == 1 && result.errors.contains("-dash"), "\(result.errors)")
            }
            for flag in ["--replay", "--replay=", "--preset", "--like="] {
                let result = try simulate([flag])
                let name = flag.filter { $0 != "=" }
                #expect(result.status == 2 && result.errors.contains("\(name) needs a value"), "\(result.errors)")
            }
            for wrong in [["--fuzz=1"], ["--", "--fuzz"], ["--fuzz", "--replay", missing], ["--replay", "-x"]] {
                #expect(try simulate(wrong).status == 2, "\(wrong)")
            }
            #expect(try simulate(small + ["--policies", "hybrid"]).output.isEmpty == false)
            #expect(
                try simulate(["study"] + small + ["--policies", "hybrid"]).output
                    == simulate(small + ["--policies", "hybrid"]).output)
        }

        @Test("a file that cannot be used is named, in a sentence")
        func badFile() throws {
            let path = try folder.write("w.csv", Array("prompt_tokens,output_tokens\n0,1\n".utf8))
            let result = try simulate(small + ["--workload", path])
            #expect(result.status == 1 && result.errors.hasPrefix("tideway: \(path): line 2: "), "\(result.errors)")
        }

        @Test("a run whose requests are all refused has no figures, and fails")
        func allRefused() throws {
            let result = try simulate(small + ["--kv-blocks", "1"])
            #expect(result.status == 1 && result.output.contains("all 40 requests were refused"), "\(result)")
        }

        @Test("all files are written, and equal seeds give equal figures")
        func files() throws {
            let paths = ["a.json", "a.html", "t.html"].map(folder.file)
            let arguments =
                small + [
                    "--policies", "hybrid,td-pipe,td-pipe+stealing=off", "--ttft", "10", "--tpot", "0.2", "--json",
                    paths[0], "--report", paths[1], "--timeline", paths[2],
                ]
            let result = try simulate(arguments)
            try #require(result.status == 0, "\(result.errors)")
            #expect(result.output.contains("td-pipe+stealing=off") && result.output.contains("in SLO"))
            let root = try JSONTree(parsing: bytes(of: paths[0]))
            #expect(root["simulation"]?["cluster"]?.string == "4xL20")
            let runs = try #require(root["runs"]?.elements)
            #expect(runs.compactMap { $0["label"]?.string } == ["hybrid", "td-pipe", "td-pipe+stealing=off"])
            for run in runs {
                #expect(run["requests"]?.integer == 40 && run["stages"]?.integer == 4)
                #expect(run["cluster"]?.string == "4xL20" && run["parallel"]?.string == "pp4")
                #expect(run["kv_blocks_total"]?.integer == 11_231 && run["peak_rss_bytes"] == .null)
                #expect(run["prompt_tokens"] == runs[0]["prompt_tokens"])
                #expect((0...1).contains(try #require(run["slo_share"]?.number)))
            }
            for path in [paths[1], folder.file("t-hybrid.html"), folder.file("t-td-pipe+stealing=off.html")] {
                #expect(String(decoding: bytes(of: path), as: UTF8.self).contains("</html>"), "\(path)")
            }
            let (again, other) = (folder.file("b.json"), folder.file("c.json"))
            _ = try simulate(small + ["--policies", "hybrid", "--json", again])
            _ = try simulate(small + ["--policies", "hybrid", "--json", other, "--seed", "1"])
            func wall(_ path: String) throws -> Double? {
                try JSONTree(parsing: bytes(of: path))["runs"]?.elements?.first?["wall_seconds"]?.number
            }
            #expect(try wall(again) == runs[0]["wall_seconds"]?.number)
            #expect(try wall(other) != wall(again))
        }

        @Test("each policy has its own chunk, its text's or that of all")
        func chunks() throws {
            let json = folder.file("k.json")
            func chunks(_ more: [String]) throws -> [Int] {
                let result = try simulate(
                    small + ["--policies", "hybrid,hybrid+chunk=64,throttle,td-pipe", "--json", json] + more)
                try #require(result.status == 0, "\(result.errors)")
                #expect(result.output.contains("chunk") && result.output.contains("hybrid+chunk=64"))
                let runs = try #require(try JSONTree(parsing: bytes(of: json))["runs"]?.elements)
                return runs.compactMap { $0["prefill_chunk"]?.integer }
            }
            #expect(try chunks([]) == [512, 64, 2048, 2048])
            #expect(try chunks(["--prefill-chunk", "128"]) == [128, 64, 128, 128])
        }

        @Test("td-pipe knows what a real run knows, and sorts nothing, unless told")
        func knowledge() throws {
            let json = folder.file("n.json")
            func run(_ more: [String], policy: String = "td-pipe") throws -> JSONTree {
                let result = try simulate(small + ["--policies", policy, "--json", json] + more)
                try #require(result.status == 0, "\(result.errors)")
                return try #require(try JSONTree(parsing: bytes(of: json))["runs"]?.elements?.first)
            }
            let plain = try run([])
            #expect(plain["lengths"]?.string == "history")
            #expect(plain["options"]?.string?.contains("order=arrival") == true)
            let (p50, longest) = (plain["token_gap_p50_seconds"]?.number, plain["token_gap_max_seconds"]?.number)
            #expect(try #require(p50) > 0 && #require(longest) >= #require(p50))
            let known = try run(["--predictor", "oracle", "--predictor-bias", "2", "--prediction-error", "0.5"])
            #expect(known["lengths"]?.string == "oracle, error 0.5, bias 2.0")
            let own = try run(["--predictor", "oracle"], policy: "td-pipe+order=longest")
            #expect(own["options"]?.string?.contains("order=longest") == true)
            let hybrid = try run(["--predictor", "oracle", "--order", "longest"], policy: "hybrid")
            #expect(try hybrid["wall_seconds"] != run([], policy: "hybrid")["wall_seconds"])
            #expect(try run(["--profile-error", "1"])["wall_seconds"] != plain["wall_seconds"])
        }

        @Test("a sweep has a row for each value, also where the model does not fit")
        func sweep() throws {
            let json = folder.file("s.json")
            let result = try simulate([
                "--cluster", "2xL20", "--model", "Qwen2.5-32B", "--policies", "hybrid", "--requests", "10", "--sweep",
                "cluster=1xL20,2xL20,4xL20", "--json", json, "--report", folder.file("s.html"),
            ])
            try #require(result.status == 0, "\(result.errors)")
            #expect(result.output.contains("not run: cluster 1xL20, hybrid: Qwen2.5-32B in fp16 does not fit"))
            let root = try JSONTree(parsing: bytes(of: json))
            #expect(root["runs"]?.elements?.compactMap { $0["value"]?.string } == ["2xL20", "4xL20"])
            #expect(root["not_run"]?.elements?.count == 1)
            let none = try simulate(["--cluster", "1xL20", "--model", "Qwen2.5-32B", "--policies", "hybrid"])
            #expect(none.status == 1 && none.output.contains("62490 MiB"))
        }

        @Test("a search for goodput ends with a rate")
        func goodput() throws {
            let json = folder.file("g.json")
            let result = try simulate(
                small + ["--policies", "hybrid", "--goodput", "--ttft", "0.5", "--tpot", "0.06", "--json", json])
            try #require(result.status == 0, "\(result.errors)")
            let run = try #require(try JSONTree(parsing: bytes(of: json))["runs"]?.elements?.first)
            #expect(run["goodput_requests_per_second"]?.number ?? 0 > 0)
            #expect(run["goodput_slo_share"]?.number ?? 0 >= 0.9)
        }

        @Test("workloads, models and catalogues come from files")
        func inputs() throws {
            let csv = try folder.write("w.csv", "prompt_tokens,output_tokens\n10,5\n20,6\n".utf8)
            let trace = try folder.write("t.csv", "arrival_s,prompt_tokens,output_tokens\n0,10,5\n9,20,6\n".utf8)
            let lines = try folder.write(
                "w.jsonl",
                (#"{"id":"a","prompt":"x","prompt_tokens":10,"output_tokens":5}"# + "\n"
                    + #"{"prompt_tokens":20,"output_tokens":6}"#).utf8)
            let config = try folder.write(
                "config.json",
                """
                {"model_type": "llama", "num_hidden_layers": 8, "hidden_size": 512, "intermediate_size": 1024,
                 "num_attention_heads": 8, "vocab_size": 1000, "max_position_embeddings": 2048}
                """.utf8)
            let catalogue = try folder.write(
                "c.txt",
                """
                device Toy memory_mib=1024 gb_s=100 tflops=1 units=4 curve=cpu link=1gbe source=made up
                """.utf8)
            for workload in [csv, trace, lines] {
                let json = folder.file("i.json")
                let result = try simulate([
                    "--cluster", "2xToy", "--catalogue", catalogue, "--model", config, "--workload", workload,
                    "--requests", "2", "--policies", "hybrid", "--json", json,
                ])
                try #require(result.status == 0, "\(result.errors)")
                let run = try #require(try JSONTree(parsing: bytes(of: json))["runs"]?.elements?.first)
                #expect(run["prompt_tokens"]?.integer == 30 && run["output_tokens"]?.integer == 11)
                #expect((run["wall_seconds"]?.number ?? 0 > 9) == (workload == trace))
            }
        }

        @Test(
            "wrong usage is told with what there is",
            arguments: [
                (["--model", "Llama-2-13B"], "--cluster"), (["--cluster", "4xL20"], "--model"),
                (["--cluster", "4xL21", "--model", "Llama-2-13B"], "L40S"),
                (["--cluster", "4xL20", "--model", "Llama"], "Llama-2-13B"),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--policies", "fifo"], "throttle"),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--workload", "novels"], "longbench"),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--sweep", "colour=1"], "prefill-chunk"),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--goodput"], "TTFT"),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--requests", "0"], "1...10000000"),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--ttft", "-1"], "ttft"),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--profile", "x"], "--profile"),
                (
                    [
                        "--cluster", "4xL20", "--model", "Llama-2-13B", "--policies", "hybrid", "--td-pipe",
                        "stealing=off",
                    ], "td-pipe"
                ),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--policies", "hybrid,hybrid"], "twice"),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--order", "longest"], "'history'"),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--predictor-bias", "2"], "'history'"),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--prediction-error", "1"], "class-means"),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--predictor", "magic"], "prompt-length"),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--profile-error", "5"], "4.0"),
                (
                    [
                        "--cluster", "4xL20", "--model", "Llama-2-13B", "--predictor", "oracle", "--order", "longest",
                        "--goodput", "--ttft", "1",
                    ], "offline"
                ),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--policies", "hybrid+chunk=x"], "whole number"),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--policies", "hybrid+chunk=0"], "1...1048576"),
                (
                    ["--cluster", "4xL20", "--model", "Llama-2-13B", "--policies", "hybrid+chunk=1+chunk=2"],
                    "2 chunks"
                ),
                (["--preset", "best"], "td-pipe-paper"), (["--preset", "td-pipe-paper", "--rate", "1"], "--rate"),
                (["--like", "x.json", "--model", "m.gguf"], "--workload"), (["like"], "runs"),
            ])
        func usage(arguments: [String], word: String) throws {
            let result = try simulate(arguments)
            #expect(result.status == 2 && result.errors.contains(word), "\(result.errors)")
        }

        @Test("damaged files are named, with line and field")
        func damaged() throws {
            let cases: [(name: String, text: String, word: String)] = [
                ("a.csv", "prompt_tokens,output_tokens\n10,x\n", "line 2"), ("b.csv", "a,b\n1,2\n", "prompt_tokens"),
                ("c.csv", "prompt_tokens,output_tokens\n", "0 requests"), ("d.jsonl", "{}\n", "line 1"),
                ("e.jsonl", #"{"prompt_tokens":0,"output_tokens":1}"#, "line 1"), ("f.jsonl", "", "0 requests"),
                ("g.csv", "\u{1F}", "prompt_tokens"),
            ]
            for (name, text, word) in cases {
                let path = try folder.write(name, text.utf8)
                let result = try simulate(small + ["--workload", path])
                #expect([1, 2].contains(result.status) && result.errors.contains(word), "\(name): \(result.errors)")
                #expect(result.errors.contains(name))
            }
            let packed = try folder.write("h.csv", [0x1F, 0x8B, 8, 0] as [UInt8])
            #expect(try simulate(small + ["--workload", packed]).errors.contains("gunzip"))
            let config = try folder.write("m.json", #"{"num_attention_heads": 8}"#.utf8)
            let model = try simulate(["--cluster", "L20", "--model", config])
            #expect(model.status != 0 && model.errors.contains("num_hidden_layers"))
            let catalogue = try folder.write("c.txt", "device Toy\n".utf8)
            let entry = try simulate(small + ["--catalogue", catalogue])
            #expect(entry.status == 2 && entry.errors.contains("line 1"), "\(entry.errors)")
            let same = try simulate(small + ["--json", folder.file("x"), "--report", folder.file("x")])
            #expect(same.status == 2 && same.errors.contains("the same file"))
        }

        @Test("the paper's evaluation comes with its own figures beside the published ones")
        func preset() throws {
            let (json, report) = (folder.file("p.json"), folder.file("p.html"))
            let result = try simulate([
                "--preset", "td-pipe-paper", "--requests", "20", "--json", json, "--report", report,
            ])
            try #require(result.status == 0, "\(result.errors)")
            let root = try JSONTree(parsing: bytes(of: json))
            let runs = try #require(root["runs"]?.elements)
            // 12 of model and devices, of which 2 do not fit, under 10 methods; 4 on a shared root under 5.
            #expect(runs.count == 140 && runs.count { $0["error"] != nil } == 20)
            #expect(root["findings"]?.elements?.count == 4 && root["ratios"]?.elements?.count == 9)
            let first = try #require(root["findings"]?.elements?.first?.string)
            #expect(first.contains("not reproduced") && result.output.hasPrefix(first), "\(result.output.prefix(200))")
            #expect(root["ratios"]?.elements?.compactMap { $0["published"]?.number } == [1.91, 1.90, 2.73, 2.21])
            #expect(root["ablations"]?.elements?.count ?? 0 >= 40)
            #expect(result.output.contains("Llama-2-70B in fp16 does not fit 1xA100-80G-PCIe"))
            #expect(String(decoding: bytes(of: report), as: UTF8.self).contains("</html>"))
        }

        @Test("real runs are simulated with their machine's profile", .enabled(if: Settings.cache != nil, needsCache))
        func like() throws {
            let profile = folder.file("profile.json")
            let plan = ["--model", Settings.tiny(), "--stages", "2", "--threads", "1"]
            var result = try tideway(["profile"] + plan + ["--kv-memory", "1MiB", "--output", profile])
            try #require(result.status == 0, "\(result.errors)")
            let texts = (0..<12).map { "the tide comes in and goes out " + String(repeating: "again ", count: $0) }
            func workload(_ counts: [Int?]) throws -> String {
                let lines = zip(texts, counts).enumerated().map { index, line in
                    let tokens = line.1.map { #""prompt_tokens":\#($0),"# } ?? ""
                    return #"{"id":"\#(index)","prompt":"\#(line.0)",\#(tokens)"output_tokens":\#(8 + index)}"#
                }
                return try folder.write("w.jsonl", lines.joined(separator: "\n").utf8)
            }
            let real = folder.file("real.json")
            let policies = ["--policies", "hybrid,td-pipe", "--kv-memory", "1MiB", "--profile", profile]
            result = try tideway(
                ["bench", "offline"] + plan + policies
                    + ["--workload", try workload(texts.map { _ in nil }), "--json", real, "--quiet"])
            try #require(result.status == 0, "\(result.errors)")
            let total = try #require(try JSONTree(parsing: bytes(of: real))["runs"]?.elements?.first)
            let prompt = try #require(total["prompt_tokens"]?.integer)
            // Any lengths with the run's sums do: the tokenizer is not what this test is about.
            let even = texts.indices.map { prompt / 12 + ($0 < prompt % 12 ? 1 : 0) }
            let json = folder.file("like.json")
            let base = ["--like", real, "--model", Settings.tiny(), "--profile", profile, "--workload"]
            result = try simulate(base + [try workload(even), "--json", json, "--report", folder.file("like.html")])
            try #require(result.status == 0, "\(result.errors)")
            let runs = try #require(try JSONTree(parsing: bytes(of: json))["runs"]?.elements)
            #expect(runs.compactMap { $0["label"]?.string } == ["hybrid", "td-pipe"])
            for run in runs {
                let (seconds, truth) = (run["wall_seconds"]?.number ?? 0, run["real_wall_seconds"]?.number ?? 0)
                #expect(seconds > 0 && truth > 0)
                #expect(abs((run["makespan_error"]?.number ?? 0) - (seconds / truth - 1)) < 1e-9)
                let scaled = try #require(run["scaled_wall_seconds"]?.number)
                #expect(abs((run["scaled_makespan_error"]?.number ?? 0) - (scaled / truth - 1)) < 1e-9)
            }
            let wrong = try simulate(base + [try workload(even.map { $0 + 1 })])
            #expect(wrong.status == 1 && wrong.errors.contains("\(prompt)"), "\(wrong.errors)")
            let missing = try simulate(["--like", real, "--model", Settings.tiny(), "--workload", try workload(even)])
            #expect(missing.status == 1 && missing.errors.contains("tideway profile makes one"), "\(missing.errors)")
        }
    }
}
