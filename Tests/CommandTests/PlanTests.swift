import Foundation
import TestTools
import Testing

extension CommandTests {
    /// `tideway plan`: no model and no cache is needed.
    @Suite("plan")
    struct PlanTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        private func plan(_ arguments: [String]) throws -> CommandResult { try tideway(["plan"] + arguments) }

        private let small = ["--cluster", "4xL20", "--model", "Llama-2-13B"]

        @Test("the help names every flag")
        func help() throws {
            let result = try plan(["--help"])
            #expect(result.status == 0 && result.errors.isEmpty)
            for flag in [
                "model", "cluster", "workload", "requests", "policies", "seed", "weights", "arrivals", "rate",
                "predictor", "memory-share", "catalogue", "json", "quiet",
            ] { #expect(result.output.contains("  --\(flag) "), "\(flag)") }
            let text = result.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            for word in ["sample of 1000", "poisson:RATE", "Exit status"] { #expect(text.contains(word), "\(word)") }
        }

        @Test("all plans are ranked, with the reason, in words and in JSON")
        func ranking() throws {
            let path = folder.file("p.json")
            let arguments = small + ["--requests", "48", "--policies", "hybrid,td-pipe+stealing=off", "--json", path]
            let result = try plan(arguments)
            try #require(result.status == 0, "\(result.errors)")
            #expect(result.errorLines.map { $0.prefix(3) } == ["1/6", "2/6", "3/6", "4/6", "5/6", "6/6"])
            #expect(result.output.contains("Tensor parallelism is better here. Best: "), "\(result.output)")
            #expect(result.output.contains("times as often as tp4"))
            #expect(result.output.contains("6 runs of 48 requests each, a sample drawn from sharegpt."))
            let root = try JSONTree(parsing: bytes(of: path))
            #expect(root["plan"]?["is_sample"] == .bool(true) && root["plan"]?["cluster"]?.string == "4xL20")
            let candidates = try #require(root["candidates"]?.elements)
            #expect(Set(candidates.compactMap { $0["parallel"]?.string }) == ["pp4", "tp2pp2", "tp4"])
            let rates = candidates.compactMap { $0["total_tokens_per_second"]?.number }
            #expect(rates.count == 6 && rates == rates.sorted(by: >))
            for candidate in candidates {
                let shares = ["idle", "links", "weights", "rest"].compactMap { candidate["\($0)_share"]?.number }
                #expect(shares.count == 4 && abs(shares.reduce(0, +) - 1) < 1e-9)
            }
            #expect(root["advice"]?["best"]?.string?.hasPrefix("Tensor parallelism is better here.") == true)
            let quiet = try plan(arguments + ["--quiet"])
            #expect(quiet.status == 0 && quiet.output.isEmpty && quiet.errors.isEmpty)
        }

        @Test("a file's requests are a sample of it, or all")
        func samples() throws {
            let lines = (0..<1200).map { "\(10 + $0 % 7),\(2 + $0 % 3)" }.joined(separator: "\n")
            let path = try folder.write("w.csv", "prompt_tokens,output_tokens\n\(lines)\n".utf8)
            let base = ["--cluster", "2xL20", "--model", "Llama-2-7B", "--policies", "hybrid", "--workload", path]
            let sample = try plan(base).output
            #expect(sample.contains("2 runs of 1\u{202F}000 requests each, a sample of the 1\u{202F}200 of w.csv."))
            #expect(sample.contains("--requests 1200 simulates all"))
            let all = try plan(base + ["--requests", "1200"]).output
            #expect(all.contains("2 runs of 1\u{202F}200 requests each, from the 1\u{202F}200 of w.csv.\n"), "\(all)")
            let trace = try folder.write(
                "t.csv", "arrival_s,prompt_tokens,output_tokens\n0,10,5\n9,20,6\n".utf8)
            let paced = try plan(Array(base.dropLast()) + [trace]).output
            #expect(
                paced.contains("2 runs of 2 requests each, from the 2 of t.csv.") && paced.contains("a request takes"))
        }

        @Test("what does not fit is told with the reason")
        func fitting() throws {
            let nothing = try plan(["--cluster", "2xL20", "--model", "Llama-2-70B"])
            #expect(nothing.status == 1 && nothing.output.isEmpty)
            for word in ["no plan for Llama-2-70B on 2xL20 fits", "pp2: ", "tp2: ", "MiB are usable"] {
                #expect(nothing.errors.contains(word), "\(nothing.errors)")
            }
            let odd = try plan([
                "--cluster", "6xL20", "--model", "Llama-2-13B", "--requests", "5", "--policies", "hybrid", "--rate",
                "1",
            ])
            #expect(odd.status == 0 && odd.output.contains("not run: tp6: the 40 heads of Llama-2-13B"), "\(odd)")
        }

        @Test(
            "wrong usage is told with what there is",
            arguments: [
                (["--cluster", "4xL20"], "--model"), (["--model", "Llama-2-13B"], "--cluster"),
                (["--cluster", "4xL21", "--model", "Llama-2-13B"], "L40S"),
                (["--cluster", "4xL20", "--model", "Llama"], "Llama-2-13B"),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--requests", "0"], "1...10000000"),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--policies", "fifo"], "throttle"),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--policies", "hybrid@tp"], "on all plans"),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--parallel", "tp4"], "--parallel"),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--workload", "novels"], "longbench"),
                (["--cluster", "4xL20", "--model", "Llama-2-13B", "--arrivals", "often"], "poisson:RATE"),
            ])
        func usage(arguments: [String], word: String) throws {
            let result = try plan(arguments)
            #expect(result.status == 2 && result.errors.contains(word), "\(result.errors)")
        }
    }
}
