import BatchInference
import Benchmarks
import Foundation
import TestTools
import Testing

extension CommandTests {
    /// `tideway bench offline` and `tideway bench controller`.
    @Suite("bench", .enabled(if: Settings.cache != nil, CommandTests.needsCache))
    struct BenchTests {
        private let folder: TemporaryFolder
        private let workload: String

        init() throws {
            folder = try TemporaryFolder()
            workload = try folder.write("w.jsonl", try Self.lines().joined(separator: "\n").utf8)
        }

        /// 24 requests without `prompt_tokens`.
        private static func lines() throws -> [String] {
            var generator = SplitMix(seed: 12)
            return try (0..<24).map { index in
                let words = Words.text([4, 20, 60][index % 3], using: &generator)
                let line: JSONTree = [
                    "id": .string("r-\(index)"), "prompt": .string(words),
                    "output_tokens": .number(Double(1 + index * 5 % 40)),
                ]
                return String(decoding: try line.line, as: UTF8.self)
            }
        }

        private func bench(_ extra: [String], workload: String? = nil) throws -> CommandResult {
            try tideway(
                [
                    "bench", "offline", "--model", Settings.tiny(), "--workload", workload ?? self.workload,
                    "--threads", "1",
                ] + extra)
        }

        private static let keys = [
            "policy", "stages", "threads", "requests", "prompt_tokens", "output_tokens", "wall_seconds",
            "total_tokens_per_second", "output_tokens_per_second", "bubble_ratio", "stage_busy_seconds",
            "phase_switches", "preemptions", "recomputed_tokens", "kv_blocks_total", "kv_blocks_peak", "peak_rss_bytes",
            "repeat", "lengths", "options", "bound_seconds",
        ]

        @Test("the policies run in turns, and every run has every figure")
        func figures() throws {
            let (json, report) = (folder.file("b.json"), folder.file("b.html"))
            let result = try bench([
                "--policies", "separate,hybrid,throttle,td-pipe,td-pipe+stealing=off+switch=fixed:0.4+lengths=history",
                "--stages", "2", "--kv-memory", "25%", "--repeat", "2", "--json", json, "--report", report,
                "--timeline", folder.file("t.html"),
            ])
            try #require(result.status == 0, "\(result.errors)")
            #expect(result.output.contains("tokens equal in all 10 runs"), "\(result.output)")
            let root = try JSONTree(parsing: bytes(of: json))
            #expect(root["machine"]?["cores"]?.integer ?? 0 > 0)
            let runs = try #require(root["runs"]?.elements)
            #expect(
                runs.compactMap { $0["policy"]?.string } == [
                    "separate", "hybrid", "throttle", "td-pipe", "td-pipe", "hybrid", "throttle", "td-pipe", "td-pipe",
                    "separate",
                ])
            #expect(runs.compactMap { $0["repeat"]?.integer } == [1, 1, 1, 1, 1, 2, 2, 2, 2, 2])
            #expect(runs[4]["lengths"]?.string == "history" && runs[3]["lengths"]?.string == "oracle")
            #expect(runs[4]["options"]?.string?.contains("stealing=off") == true)
            let output = (0..<24).reduce(0) { $0 + 1 + $1 * 5 % 40 }
            for run in runs {
                for key in Self.keys { #expect(run[key] != nil, "\(key)") }
                #expect(run["requests"]?.integer == 24 && run["output_tokens"]?.integer == output)
                #expect(run["prompt_tokens"] == runs[0]["prompt_tokens"])
                let blocks = try #require(run["kv_blocks_total"]?.integer)
                let tokens = try #require(run["prompt_tokens"]?.integer) + output
                #expect(blocks == (tokens / 4 + 15) / 16 || blocks == (tokens / 4 + 16) / 16)
                #expect(try #require(run["kv_blocks_peak"]?.integer) <= blocks)
                let gaps = ["p50", "p99", "max"].compactMap { run["token_gap_\($0)_seconds"]?.number }
                #expect(gaps.count == 3 && gaps == gaps.sorted() && gaps[0] >= 0)
                let (first, slow) = (run["ttft_p50_seconds"]?.number ?? 0, run["ttft_p99_seconds"]?.number ?? 0)
                #expect(first > 0 && slow >= first && slow <= (run["wall_seconds"]?.number ?? 0))
                #expect(run["peak_rss_bytes"]?.integer ?? 0 > 5_000_000)
            }
            for path in [report, folder.file("t-hybrid.html"), folder.file("t-td-pipe.html")] {
                let page = String(decoding: bytes(of: path), as: UTF8.self)
                #expect(page.contains("</html>"), "\(path)")
            }
        }

        @Test("a token that differs is named with its request and both runs")
        func differences() throws {
            var comparison = TokenComparison(ids: ["a", "b"])
            try comparison.take([[1, 2], [3, 4, 5]], of: "hybrid")
            try comparison.take([[1, 2], [3, 4, 5]], of: "separate")
            let cases: [(tokens: [[Int32]], words: [String])] = [
                ([[1, 2], [3, 9, 5]], ["'b'", "token 1 is 4 with hybrid and 9 with td-pipe"]),
                ([[1, 2, 7], [3, 4, 5]], ["'a'", "token 2 is none with hybrid and 7 with td-pipe"]),
                ([[1, 2], []], ["'b'", "token 0 is 3 with hybrid and none with td-pipe"]),
            ]
            for (tokens, words) in cases {
                let error = #expect(throws: BenchmarkError.self) { try comparison.take(tokens, of: "td-pipe") }
                #expect(error?.code == .tokensDiffer)
                for word in words { #expect(error?.message.contains(word) == true, "\(error?.message ?? "")") }
            }
        }

        @Test("prompt_tokens must be what the prompt comes to")
        func counts() throws {
            func line(_ count: Int) -> String {
                #"{"id":"a","prompt":"the tide","prompt_tokens":\#(count),"output_tokens":3}"#
            }
            let refused = try bench([], workload: folder.write("w1.jsonl", line(99).utf8))
            #expect(refused.status == 1 && refused.errorLines.count == 1, "\(refused.errors)")
            #expect(refused.errors.contains("line 1") && refused.errors.contains("prompt_tokens is 99"))
            let number = try #require(refused.errors.firstMatch(of: /the prompt has (\d+) tokens/)?.1)
            let path = try folder.write("w2.jsonl", line(try #require(Int(number))).utf8)
            #expect(try bench(["--policies", "hybrid"], workload: path).status == 0)
        }

        @Test("a workload that cannot be run is one clear error")
        func badWorkloads() throws {
            for (text, word) in [
                ("", "0 requests"), ("{", "line 1"), ("[]", "no id"), (#"{"id":"a"}"#, "no prompt"),
                (#"{"id":"a","prompt":"x"}"#, "no output_tokens"),
                (#"{"id":"a","prompt":"x","output_tokens":0}"#, "output_tokens must"),
                (#"{"id":"a","prompt":"x","output_tokens":1e30}"#, "output_tokens must"),
                (
                    #"{"id":"a","prompt":"x","output_tokens":1}"# + "\n"
                        + #"{"id":"a","prompt":"x","output_tokens":1}"#, "twice"
                ),
                (#"{"id":"a","prompt":"x","output_tokens":5000}"#, "context length"),
            ] {
                let result = try bench([], workload: folder.write("bad.jsonl", text.utf8))
                #expect(result.status == 1 && !result.isSignalled, "\(text): \(result.errors)")
                #expect(result.errors.contains(word), "\(word): \(result.errors)")
            }
            let missing = try bench([], workload: folder.file("none.jsonl"))
            #expect(missing.status == 1 && missing.errors.contains("No such file"))
            let few = try bench(["--requests", "25"])
            #expect(few.status == 1 && few.errors.contains("24 requests; 25 were asked for"), "\(few.errors)")
            let small = try bench(["--kv-memory", "8KiB", "--policies", "hybrid"])
            #expect(small.status == 1 && small.errors.contains("KV pool"), "\(small.errors)")
        }

        @Test(
            "wrong usage of `bench`",
            arguments: [
                (["--policies", "fifo"], "'fifo'"), (["--policies", ""], "''"), (["--policies", "hybrid,"], "''"),
                (["--policies", "hybrid,hybrid"], "'hybrid' twice"),
                (["--policies", "hybrid+stealing=off"], "'hybrid'"),
                (["--policies", "td-pipe+steal=off"], "'steal=off'"),
                (["--policies", "hybrid", "--td-pipe", "stealing=off"], "names neither td-pipe nor auto"),
                (["--lengths", "guess"], "'guess'"), (["--policies", "td-pipe+lengths=guess"], "'guess'"),
                (["--repeat", "0"], "--repeat is 0"), (["--kv-memory", "0%"], "'0%'"),
                (["--kv-memory", "101%"], "'101%'"), (["--kv-memory", "nan%"], "'nan%'"),
                (["--stages", "0"], "--stages is 0"), (["--requests", "0"], "--requests is 0"),
            ])
        func usage(arguments: [String], word: String) throws {
            let result = try bench(arguments)
            #expect(result.status == 2 && !result.isSignalled, "\(result.errors)")
            #expect(result.errorLines.first?.contains(word) == true, "\(result.errors)")
        }

        @Test("files that would overwrite each other are refused before anything runs")
        func files() throws {
            for arguments in [
                ["--json", workload], ["--report", Settings.tiny()],
                ["--json", folder.file("x"), "--report", folder.file("x")],
            ] {
                let result = try bench(arguments)
                #expect(result.status == 2 && result.errors.contains("same file"), "\(result.errors)")
            }
            #expect(try bench(["--json", folder.file("no/such")]).status == 1)
        }

        @Test("the way of text: sizes are right, figures are there; no texts are refused")
        func text() throws {
            let json = folder.file("t.json")
            let model = try #require(Settings.cache) + "/tiny/tiny.gguf"
            let result = try tideway(["bench", "text", "--model", model, "--texts", workload, "--json", json])
            #expect(result.status == 0 && result.output.contains("MB/s"), "\(result.errors)")
            let tree = try JSONTree(parsing: bytes(of: json))
            #expect(tree["texts"]?.integer == 24)
            let prompts = try Self.lines().map { try JSONTree(parsing: Array($0.utf8))["prompt"]?.string ?? "" }
            #expect(tree["bytes"]?.integer == prompts.reduce(0) { $0 + $1.utf8.count })
            #expect(tree["tokens"]?.integer ?? 0 > 24 && tree["load_seconds"]?.number ?? 0 > 0)
            let empty = try tideway(["bench", "text", "--model", model, "--texts", folder.write("e", [])])
            #expect(empty.status == 1 && empty.errors.contains("0 texts"), "\(empty.errors)")
        }

        @Test("the scheduler's own cost, for every policy and number of live requests")
        func controller() throws {
            let json = folder.file("c.json")
            let result = try tideway(["bench", "controller", "--steps", "20", "--json", json])
            #expect(result.status == 0, "\(result.errors)")
            let runs = try #require(try JSONTree(parsing: bytes(of: json))["runs"]?.elements)
            #expect(runs.count == 20)
            for policy in ["separate", "hybrid", "throttle", "td-pipe", "auto"] {
                #expect(result.output.contains(policy))
                let own = runs.filter { $0["policy"]?.string == policy }
                #expect(own.compactMap { $0["live_requests"]?.integer } == [100, 500, 2000, 8000])
            }
            for run in runs {
                let (median, slow) = (run["step_p50_microseconds"]?.number, run["step_p99_microseconds"]?.number)
                #expect(try #require(median) > 0 && #require(slow) >= #require(median))
                #expect(run["mean_sequences"]?.number ?? 0 > 0)
            }
        }
    }
}
