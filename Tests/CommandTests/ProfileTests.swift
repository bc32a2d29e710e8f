import Foundation
import TestTools
import Testing

extension CommandTests {
    /// `tideway profile`, and where its files are used.
    @Suite("step profiles", .enabled(if: Settings.cache != nil, CommandTests.needsCache))
    struct ProfileTests {
        private let folder: TemporaryFolder
        private let input: String

        init() throws {
            folder = try TemporaryFolder()
            input = try folder.write("in.jsonl", #"{"prompt":"the tide","max_tokens":4}"#.utf8)
        }

        private func measure(_ output: String, stages: Int = 2) throws -> String {
            let path = folder.file(output)
            let result = try tideway(
                [
                    "profile", "--model", Settings.tiny(), "--stages", "\(stages)", "--threads", "1", "--kv-memory",
                    "1MiB", "--output", path,
                ])
            guard result.status == 0 else { throw TestFailure(result.errors) }
            #expect(result.output.contains("tokens/s") && result.output.contains(path))
            return path
        }

        private func run(
            _ extra: [String], model: String = Settings.tiny(), stages: Int = 2, cache: String? = nil
        ) throws -> CommandResult {
            try tideway(
                [
                    "run", "--model", model, "--input", input, "--output", folder.file("out"), "--overwrite",
                    "--stages", "\(stages)", "--threads", "1", "--policy", "td-pipe",
                ] + extra, environment: cache.map { ["XDG_CACHE_HOME": $0] } ?? [:])
        }

        @Test("a profile says what it measured, and a run takes it")
        func roundTrip() throws {
            let path = try measure("p.json")
            let profile = try JSONTree(parsing: bytes(of: path))
            #expect(profile["format_version"]?.integer == 1)
            #expect(profile["model"]?.string == "tiny")
            #expect(profile["stages"]?.integer == 2 && profile["threads"]?.integer == 1)
            #expect(profile["stage_layers"]?.elements?.compactMap(\.integer).reduce(0, +) == 4)
            #expect(profile["activations"]?.string == "int8")
            for key in ["model_fingerprint", "processor", "kernels"] {
                #expect(profile[key]?.string?.isEmpty == false, "\(key)")
            }
            let samples = try #require(profile["samples"]?.elements)
            let prompts = samples.filter { $0["sequences"]?.integer == 1 && $0["tokens"]?.integer != 1 }
            #expect(prompts.compactMap { $0["tokens"]?.integer } == [2, 4, 8, 16, 32, 64, 128, 256, 512])
            for sample in samples {
                let times = try #require(sample["stage_seconds"]?.elements).compactMap(\.number)
                #expect(times.count == 2 && times.allSatisfy { $0 > 0 && $0 < 10 })
                // What was measured fits the pool of 1 MiB, 128 blocks of 16 tokens.
                #expect(try #require(sample["context"]?.integer) <= 512 * 513 / 2)
            }
            let decodes = samples.filter { $0["sequences"] == $0["tokens"] }
            #expect(decodes.contains { $0["sequences"]?.integer == 32 && $0["context"]?.integer == 32 * 64 })
            #expect(!decodes.contains { $0["sequences"]?.integer == 64 })

            let result = try run(["--profile", path])
            #expect(result.status == 0 && !result.errors.contains("measuring"), "\(result.errors)")
        }

        @Test("without a profile a short one is measured, and said; other policies need none")
        func measured() throws {
            let loud = try run([])
            #expect(loud.status == 0 && loud.errors.contains("measuring a short one"), "\(loud.errors)")
            let auto = try run(["--policy", "auto"])
            #expect(auto.status == 0 && auto.errors.contains("measuring a short one"), "\(auto.errors)")
            #expect(try run(["--quiet"]).errors.isEmpty)
            let other = try run(["--policy", "hybrid"])
            #expect(other.status == 0 && !other.errors.contains("measuring"))
        }

        @Test("the standard place is written to and looked at, by model, stages and threads")
        func standardPlace() throws {
            let cache = folder.file("caches")
            let result = try tideway(
                ["profile", "--model", Settings.tiny(), "--stages", "2", "--threads", "1", "--kv-memory", "1MiB"],
                environment: ["XDG_CACHE_HOME": cache])
            #expect(result.status == 0, "\(result.errors)")
            let names = try FileManager.default.contentsOfDirectory(atPath: cache + "/tideway")
            try #require(names.count == 1 && names[0].hasSuffix("-2x1.json"), "\(names)")
            #expect(try !run([], cache: cache).errors.contains("measuring"))
            #expect(try run([], stages: 3, cache: cache).errors.contains("measuring"))

            // A file in the standard place that does not belong there is left aside with a word.
            let path = cache + "/tideway/" + names[0]
            let text = String(decoding: bytes(of: path), as: UTF8.self)
            for (damage, word) in [
                (text.replacingOccurrences(of: #""stages": 2"#, with: #""stages": 5"#), "stage_layers"),
                (text.replacingOccurrences(of: #""threads": 1"#, with: #""threads": 3"#), "3 threads a stage, not 1"),
                (String(text.prefix(200)), "not a step profile"),
            ] {
                try Data(damage.utf8).write(to: URL(fileURLWithPath: path))
                let other = try run([], cache: cache)
                #expect(other.status == 0 && other.errors.contains(path), "\(other.errors)")
                #expect(other.errors.contains(word) && other.errors.contains("measuring"), "\(other.errors)")
            }
        }

        @Test("a named profile of something else is refused with both values")
        func foreign() throws {
            let path = try measure("p.json")
            for (result, words) in [
                (try run(["--profile", path], stages: 3), ["2 stages, not 3"]),
                (try run(["--profile", path, "--threads", "2"]), ["1 threads a stage, not 2"]),
                (try run(["--profile", path], model: Settings.tiny("qwen3")), ["model tiny", "not qwen3"]),
                (try run(["--profile", path, "--activations", "f32"]), ["activations int8, not f32"]),
                (try run(["--profile", path, "--kv-type", "q8"]), ["keys and values as f16, not q8"]),
                (try run(["--profile", folder.file("none.json")]), ["none.json", "No such file"]),
            ] {
                #expect(result.status == 1 && result.errorLines.count == 1, "\(result.errors)")
                for word in words { #expect(result.errors.contains(word), "\(result.errors)") }
            }
        }

        @Test("a damaged profile is one clear error")
        func damaged() throws {
            let good = String(decoding: bytes(of: try measure("p.json")), as: UTF8.self)
            func replacing(_ text: String, _ other: String) throws -> String {
                let place = try #require(good.range(of: text, options: .regularExpression), "\(text)")
                return good.replacingCharacters(in: place, with: other)
            }
            for (text, word) in [
                ("", "not a step profile"), ("{}", "format_version"), (String(good.prefix(good.count / 2)), "offset"),
                (try replacing(#""format_version": 1"#, #""format_version": 9"#), "version 1"),
                (try replacing(#""stages": 2"#, #""stages": 0"#), "stages is 0"),
                (try replacing(#""stages": 2"#, #""stages": 1e300"#), "stages is"),
                (try replacing(#""threads": 1"#, #""threads": "x""#), "threads is \"x\""),
                (try replacing(#""model_fingerprint": "[0-9a-f]+""#, #""model_fingerprint": "xyz""#), "'xyz'"),
                (try replacing(#""activations": "int8""#, #""activations": "int7""#), "'int7'"),
                (try replacing(#""kv_type": "f16""#, #""kv_type": "f8""#), "'f8'"),
                (try replacing(#""tokens":1,"#, #""tokens":-1,"#), "samples[0].tokens is -1"),
                (try replacing(#""stage_seconds":\[[0-9.e-]+,"#, #""stage_seconds":[-1,"#), "seconds above 0"),
                (try replacing(#""stage_seconds":\[[0-9.e-]+,"#, #""stage_seconds":["#), "has 1 elements"),
                (try replacing(#""samples": \[[\s\S]*\]"#, #""samples": []"#), "samples is empty"),
            ] {
                let path = try folder.write("bad.json", text.utf8)
                let result = try run(["--profile", path])
                #expect(result.status == 1 && !result.isSignalled && result.errorLines.count == 1, "\(result.errors)")
                #expect(result.errors.contains(path) && result.errors.contains(word), "\(word): \(result.errors)")
            }
        }

        @Test("wrong usage of `profile`")
        func usage() throws {
            let base = ["profile", "--model", Settings.tiny()]
            #expect(try tideway(base).status == 2)
            #expect(try tideway(base + ["--stages", "0"]).errors.contains("--stages is 0"))
            let deep = try tideway(base + ["--stages", "5", "--output", folder.file("p")])
            #expect(deep.status == 1 && deep.errors.contains("4 layers"), "\(deep.errors)")
            let taken = try tideway(base + ["--stages", "1", "--output", Settings.tiny()])
            #expect(taken.status == 2 && taken.errors.contains("same file"), "\(taken.errors)")
            let closed = try tideway(base + ["--stages", "1", "--output", folder.file("no/such/p")])
            #expect(closed.status == 1 && closed.errors.contains("no/such/p"), "\(closed.errors)")
        }
    }
}
