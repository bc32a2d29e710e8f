import Foundation
import TestTools
import Testing

extension CommandTests {
    /// `tideway simulate survey`: no model and no cache is needed.
    @Suite("simulate survey")
    struct SurveyTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        private func survey(_ arguments: [String]) throws -> CommandResult {
            try tideway(["simulate", "survey"] + arguments)
        }

        private func settings(_ lines: String...) throws -> String {
            try folder.write("s.txt", lines.joined(separator: "\n").utf8)
        }

        @Test("the help names every flag and the form of a line")
        func help() throws {
            let result = try survey(["--help"])
            #expect(result.status == 0 && result.errors.isEmpty)
            for flag in ["settings", "policies", "predictor", "catalogue", "json", "list", "quiet"] {
                #expect(result.output.contains("  --\(flag) "), "\(flag)")
            }
            let text = result.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            for word in [
                "--page, --report", "CLUSTER MODEL WORKLOAD REQUESTS SEED [KEY=VALUE]...", "prefill-chunk", "hybrid@tp",
                "Exit status",
            ] {
                #expect(text.contains(word), "\(word)")
            }
            #expect(try tideway(["simulate", "--help"]).output.contains("  survey "))
        }

        @Test("the built-in settings can be printed and read again")
        func list() throws {
            let result = try survey(["--list"])
            #expect(result.status == 0 && result.output.hasPrefix("# cluster model workload requests seed"))
            let lines = result.output.split(separator: "\n").filter { !$0.hasPrefix("#") }
            #expect(lines.count >= 20)
            let path = try settings(result.output + "4xL20 Llama-2-13B sharegpt 64 0")
            let twice = try survey(["--settings", path])
            #expect(twice.status == 2 && twice.errors.contains("the setting is that of line"), "\(twice.errors)")
            #expect(try survey(["--list", "--settings", path]).status == 2)
        }

        @Test("all settings run, in order, and what does not fit is told")
        func files() throws {
            let path = try settings(
                "4xL20 Llama-2-13B sharegpt 40 0", "1xL20 Llama-2-70B alpaca 5 1",
                "2xL20 Llama-2-13B alpaca 30 0 rate=100 # more")
            let paths = ["a.json", "a.html"].map(folder.file)
            let arguments = [
                "--settings", path, "--policies", "hybrid,td-pipe+stealing=off,hybrid@tp,hybrid@tp2pp2", "--json",
                paths[0], "--page", paths[1],
            ]
            let result = try survey(arguments)
            try #require(result.status == 0, "\(result.errors)")
            let progress = result.errorLines.map { String($0.prefix(3)) }
            #expect(progress == ["1/3", "1/3", "1/3", "1/3", "2/3", "2/3", "2/3", "2/3", "3/3", "3/3", "3/3", "3/3"])
            #expect(result.output.contains("rate=100") && result.output.contains("Of 2 settings, the fastest is"))
            #expect(result.output.contains("1xL20, Llama-2-70B, alpaca 5, seed 1: hybrid, "))
            #expect(result.output.contains("does not fit 1xL20 as pp1"))
            #expect(result.output.contains("hybrid@tp2pp2 not run: tp2pp2 uses 4 devices; 2xL20 has 2"))
            let json = bytes(of: paths[0])
            let root = try JSONTree(parsing: json)
            let rows = try #require(root["settings"]?.elements)
            #expect(rows.compactMap { $0["cluster"]?.string } == ["4xL20", "1xL20", "2xL20"])
            #expect(rows[2]["others"]?["rate"]?.string == "100")
            let runs = try #require(rows[0]["runs"]?.elements)
            #expect(
                runs.compactMap { $0["method"]?.string }
                    == ["hybrid", "td-pipe+stealing=off", "hybrid@tp", "hybrid@tp2pp2"])
            #expect(runs.compactMap { $0["parallel"]?.string } == ["pp4", "pp4", "tp4", "tp2pp2"])
            #expect(runs.compactMap { $0["of_best"]?.number }.max() == 1)
            #expect(rows[1]["fastest"] == .null && root["summary"]?.elements?.count == 4)
            let page = String(decoding: bytes(of: paths[1]), as: UTF8.self)
            #expect(page.contains("</svg>") && page.contains("</html>"))
            // Whatever thread does what, the same comes out; a study of the same setting has the same figures.
            let again = try survey(arguments + ["--quiet"])
            #expect(again.status == 0 && again.output.isEmpty && again.errors.isEmpty)
            let first = String(decoding: json, as: UTF8.self).replacing(" --quiet", with: "")
            #expect(String(decoding: bytes(of: paths[0]), as: UTF8.self).replacing(" --quiet", with: "") == first)
            let study = folder.file("b.json")
            let alone = try tideway([
                "simulate", "--cluster", "4xL20", "--model", "Llama-2-13B", "--requests", "40", "--policies", "hybrid",
                "--parallel", "tp4", "--json", study, "--quiet",
            ])
            try #require(alone.status == 0, "\(alone.errors)")
            let run = try #require(try JSONTree(parsing: bytes(of: study))["runs"]?.elements?.first)
            #expect(run["total_tokens_per_second"]?.number == runs[2]["total_tokens_per_second"]?.number)
        }

        @Test("workloads and catalogues come from files")
        func inputs() throws {
            let csv = try folder.write("w.csv", "prompt_tokens,output_tokens\n10,5\n20,6\n".utf8)
            let catalogue = try folder.write(
                "c.txt",
                "device Toy memory_mib=1024 gb_s=100 tflops=1 units=4 curve=cpu link=1gbe source=made up\n".utf8)
            let path = try settings("2xToy OPT-125M \(csv) 2 0")
            let result = try survey(["--settings", path, "--catalogue", catalogue, "--report", folder.file("r.html")])
            #expect(result.status == 0 && result.output.contains("w.csv"), "\(result.errors)")
            #expect(String(decoding: bytes(of: folder.file("r.html")), as: UTF8.self).contains("w.csv"))
        }

        @Test("a survey in which nothing fits fails")
        func nothing() throws {
            let result = try survey(["--settings", try settings("1xL20 Llama-2-70B alpaca 5 0")])
            #expect(result.status == 1 && result.output.hasSuffix("Nothing could be run.\n"), "\(result)")
        }

        @Test("wrong usage is told with what there is")
        func usage() throws {
            let good = try folder.write("good.txt", "4xL20 Llama-2-13B sharegpt 4 0".utf8)
            let bad = try folder.write("bad.txt", "# one\n4xL20 Llama-2-13B novels 4 0".utf8)
            let cases: [(arguments: [String], words: [String])] = [
                (["--settings", bad], ["bad.txt, line 2, column 19: ", "longbench"]),
                (["--settings", good, "--policies", "hybrid,fifo"], ["fifo", "throttle"]),
                (["--settings", good, "--policies", "hybrid@dp4"], ["'hybrid@dp4'", "tp2pp2"]),
                (["--settings", good, "--policies", "hybrid@tp,hybrid@tp"], ["'hybrid@tp' twice"]),
                (["--settings", good, "--policies", "hybrid+stealing=off@tp"], ["td-pipe"]),
                (["--settings", good, "--predictor", "magic"], ["magic", "oracle"]),
                (["--settings", good, "--json", good], ["--json and --settings are the same file"]),
                (["--settings", good, "--rate", "2"], ["--rate"]),
            ]
            for (arguments, words) in cases {
                let result = try survey(arguments)
                #expect(result.status == 2, "\(arguments)")
                for word in words { #expect(result.errors.contains(word), "\(word): \(result.errors)") }
            }
            let missing = try survey(["--settings", folder.file("missing.txt")])
            #expect(missing.status == 1 && missing.errors.contains("missing.txt"), "\(missing.errors)")
        }
    }
}
