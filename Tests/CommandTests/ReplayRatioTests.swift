import BatchInference
import Benchmarks
import Foundation
import TestTools
import Testing

extension CommandTests {
    /// How runs tell the machine's speed beside a profile, and what `simulate --like` makes of it.
    @Suite("speed beside the profile", .enabled(if: Settings.cache != nil, CommandTests.needsCache))
    struct ReplayRatioTests {
        private let folder: TemporaryFolder
        private let workload: String
        private let plan = ["--model", Settings.tiny(), "--stages", "2", "--threads", "1"]

        init() throws {
            folder = try TemporaryFolder()
            let lines = (0..<12).map {
                #"{"id":"\#($0)","prompt_tokens":\#(9 + $0),"output_tokens":\#(8 + $0)}"#
            }
            workload = try folder.write("lengths.jsonl", lines.joined(separator: "\n").utf8)
        }

        private func profile(_ name: String) throws -> String {
            let path = folder.file(name)
            let result = try tideway(["profile"] + plan + ["--kv-memory", "1MiB", "--output", path])
            try #require(result.status == 0, "\(result.errors)")
            return path
        }

        private func run(_ extra: [String]) throws -> JSONTree {
            let input = try folder.write("in.jsonl", #"{"prompt":"the tide","max_tokens":20,"ignore_eos":true}"#.utf8)
            let stats = folder.file("stats.json")
            let result = try tideway(
                ["run"] + plan
                    + ["--input", input, "--output", folder.file("out"), "--overwrite", "--stats", stats] + extra)
            try #require(result.status == 0, "\(result.errors)")
            return try JSONTree(parsing: bytes(of: stats))
        }

        @Test("a run tells its speed beside a profile, whatever its policy; without one it tells nothing")
        func stats() throws {
            let (first, second) = (try profile("a.json"), try profile("b.json"))
            var digests: [String] = []
            for (policy, path) in [("hybrid", first), ("td-pipe", first), ("td-pipe", second)] {
                let figures = try run(["--policy", policy, "--profile", path])
                #expect(try #require(figures["profile_ratio"]?.number) > 0)
                digests.append(try #require(figures["profile_digest"]?.string))
            }
            #expect(digests[0] == digests[1] && digests[0] != digests[2])
            let bare = try run(["--policy", "hybrid"])
            #expect(bare["profile_ratio"] == nil && bare["profile_digest"] == nil)
        }

        @Test("a profile that says a thousandth of the times makes the ratio a thousand times as large, about")
        func faster() throws {
            let path = try profile("a.json")
            let text = String(decoding: bytes(of: path), as: UTF8.self)
            let other = text.replacing(/"stage_seconds":\[([0-9.e-]+),([0-9.e-]+)\]/) { match in
                "\"stage_seconds\":[\((Double(match.1) ?? 0) / 1000),\((Double(match.2) ?? 0) / 1000)]"
            }
            try #require(other != text)
            let fast = try folder.write("fast.json", other.utf8)
            let ratios = try [path, fast].map {
                try #require(try run(["--policy", "hybrid", "--profile", $0])["profile_ratio"]?.number)
            }
            // Nothing that goes on beside the runs is as much.
            #expect((100...10_000).contains(ratios[1] / ratios[0]), "\(ratios)")
        }

        /// A run file as `bench offline --json` writes it, made up.
        private func runs(_ runs: [(wall: Double, extra: String)]) throws -> String {
            let (prompt, output) = ((0..<12).reduce(0) { $0 + 9 + $1 }, (0..<12).reduce(0) { $0 + 8 + $1 })
            let objects = runs.map { run in
                """
                {"policy":"hybrid","stages":2,"threads":1,"requests":12,"prompt_tokens":\(prompt),\
                "output_tokens":\(output),"kv_blocks_total":64,"wall_seconds":\(run.wall),"bubble_ratio":0.1\(run.extra)}
                """
            }
            return try folder.write("real.json", #"{"runs":[\#(objects.joined(separator: ","))]}"#.utf8)
        }

        private func replay(_ path: String, _ profile: String) throws -> (runs: [JSONTree], result: CommandResult) {
            let json = folder.file("like.json")
            let result = try tideway([
                "simulate", "--like", path, "--model", Settings.tiny(), "--workload", workload, "--profile", profile,
                "--json", json,
            ])
            try #require(result.status == 0, "\(result.errors)")
            return (try #require(try JSONTree(parsing: bytes(of: json))["runs"]?.elements), result)
        }

        @Test("a run on a machine slower by a quarter is hit when its ratio is known, and only then")
        func slower() throws {
            let profile = try profile("a.json")
            let digest = try #require(try run(["--policy", "hybrid", "--profile", profile])["profile_digest"]?.string)
            let (first, _) = try replay(try runs([(wall: 1, extra: "")]), profile)
            #expect(first[0]["real_profile_ratio"] == .null && first[0]["scaled_wall_seconds"] == .null)
            let seconds = try #require(first[0]["wall_seconds"]?.number)
            let told = #","profile_ratio":1.25,"profile_digest":"\#(digest)""#
            let foreign = #","profile_ratio":1.25,"profile_digest":"0123456789abcdef""#
            let (again, result) = try replay(
                try runs([(1.25 * seconds, ""), (1.25 * seconds, told), (1.25 * seconds, foreign)]), profile)
            for run in again { #expect(abs((run["makespan_error"]?.number ?? 0) + 0.2) < 1e-6) }
            // The steps of this model are so short that the nanoseconds they are rounded to show.
            #expect(abs(try #require(again[1]["scaled_makespan_error"]?.number)) < 0.01)
            #expect(again[1]["real_profile_ratio"]?.number == 1.25)
            #expect([0, 2].allSatisfy { again[$0]["scaled_makespan_error"] == .null })
            #expect(result.errorLines.count == 1, "\(result.errors)")
            #expect(result.errors.contains("0123456789abcdef") && result.errors.contains(digest), "\(result.errors)")
        }

        @Test("a ratio that cannot be is named with its run")
        func damaged() throws {
            for (extra, word) in [
                (#","profile_ratio":0,"profile_digest":"a""#, "profile_ratio is 0"),
                (#","profile_ratio":"1","profile_digest":"a""#, #"profile_ratio is "1""#),
                (#","profile_ratio":1e300,"profile_digest":"a""#, "profile_ratio is"),
                (#","profile_ratio":1.5"#, "profile_digest is missing"),
                (#","profile_ratio":1.5,"profile_digest":7"#, "profile_digest is 7"),
            ] {
                let path = try runs([(1, extra)])
                let error = #expect(throws: BenchmarkError.self) { try RunFile(path: path) }
                #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
                #expect(error?.message.contains("real.json, run 0") == true)
            }
        }
    }
}
