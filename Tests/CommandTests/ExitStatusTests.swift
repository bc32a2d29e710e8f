import Foundation
import TestTools
import Testing

extension CommandTests {
    /// Exit statuses, and what the program says of a command that cannot be carried out.
    @Suite("exit status", .enabled(if: Settings.cache != nil, CommandTests.needsCache))
    struct ExitStatusTests {
        private let folder: TemporaryFolder
        private let input: String

        init() throws {
            folder = try TemporaryFolder()
            input = try folder.write("in.jsonl", #"{"prompt":"the tide","max_tokens":4}"#.utf8)
        }

        private func run(model: String? = nil, output: String? = nil, _ extra: [String] = []) throws -> CommandResult {
            try tideway(
                [
                    "run", "--model", model ?? Settings.tiny(), "--input", input, "--output",
                    output ?? folder.file("out"),
                ]
                    + extra)
        }

        @Test("0: done, also with nothing to do")
        func done() throws {
            #expect(try run().status == 0)
            let empty = try folder.write("empty.jsonl", [])
            let result = try tideway(
                ["run", "--model", Settings.tiny(), "--input", empty, "--output", folder.file("none")])
            #expect(result.status == 0, "\(result.errors)")
            #expect(bytes(of: folder.file("none")).isEmpty)
        }

        @Test("1: a model that is missing, damaged or of an unknown family")
        func models() throws {
            let model = bytes(of: Settings.tiny())
            let damaged = [
                (try folder.write("half.gguf", model[..<(model.count / 2)]), "half.gguf"),
                (try folder.write("empty.gguf", []), "is empty"),
                (try folder.write("magic.gguf", [0x47, 0x47, 0x55, 0x58] + model[4...]), "not with \"GGUF\""),
                (try folder.write("version.gguf", model[..<4] + [77, 0, 0, 0] + model[8...]), "77"),
                (folder.file("missing.gguf"), "No such file"), (folder.path, "directory"), (input, "not with \"GGUF\""),
            ]
            for (path, word) in damaged { expectOneLine(try run(model: path), names: [path, word]) }
            let family = try folder.write("family.gguf", try renamed(model))
            expectOneLine(try run(model: family), names: ["'lloma'", "llama, qwen2, qwen3"])
        }

        /// The same model with `llama` as its family's name spelt in another way.
        private func renamed(_ model: [UInt8]) throws -> [UInt8] {
            let key = Array("general.architecture".utf8)
            let place = try #require(model.indices.first { model[$0...].starts(with: key) })
            // After the key: the type of the value, 4 bytes, and the length of the text, 8 bytes.
            let value = place + key.count + 12
            try #require(model[value...].starts(with: Array("llama".utf8)))
            var changed = model
            changed[value + 2] = UInt8(ascii: "o")
            return changed
        }

        @Test("1: files that cannot be read or written")
        func files() throws {
            expectOneLine(try run(output: folder.file("no/such/folder")), names: ["no/such/folder"])
            expectOneLine(try run(output: folder.path), names: [folder.path, "directory"])
            expectOneLine(try run(output: input), names: [input, "input"])
            let missing = folder.file("missing.jsonl")
            let result = try tideway(
                ["run", "--model", Settings.tiny(), "--input", missing, "--output", folder.file("out")])
            expectOneLine(result, names: [missing])
            expectOneLine(try run(["--quiet", "--stats", folder.file("no/stats")]), names: ["no/stats"])
        }

        #if os(Linux)
            @Test("1: a full disk")
            func fullDisk() throws {
                expectOneLine(try run(output: "/dev/full", ["--quiet"]), names: ["/dev/full", "No space left"])
            }
        #endif

        @Test("1: more stages than layers, a pool without a block")
        func shapes() throws {
            expectOneLine(try run(["--stages", "5"]), names: ["5 stages", "4 layers"])
            expectOneLine(try run(["--kv-memory", "100"]), names: ["100 bytes", "8192"])
        }

        @Test(
            "2: wrong usage",
            arguments: [
                (["--frobnicate"], "--frobnicate"), (["--kv-memory", "12XB"], "12XB"), (["--kv-memory", "0"], "'0'"),
                (["--kv-memory", "99999999999GiB"], "99999999999GiB"), (["--stages", "0"], "--stages is 0"),
                (["--stages=-1"], "--stages is -1"), (["--stages", "two"], "two"),
                (["--stages", "0"], "or auto is accepted"), (["--stages", "65537"], "or auto is accepted"),
                (["--stages", "automatic"], "--stages is 'automatic'; a number in 1...65536 or auto is accepted"),
                (["--stages", "auto", "--profile", "p.json"], "--stages auto compares several"),
                (["--threads", "0"], "--threads is 0"), (["--prefill-chunk", "0"], "--prefill-chunk is 0"),
                (["--prefill-chunk", "2049"], "1...2048"),
                (["--max-sequences", "0"], "--max-sequences is 0"),
                (["--policy", "fifo"], "'fifo'"), (["--activations", "f16"], "f16"), (["--kv-type", "q4"], "q4"),
                (["--stats"], "--stats"),
                (["surplus"], "surplus"),
                (["--policy", "td-pipe", "--td-pipe", "greed=fixed:0.7"], "'greed=fixed:0.7'"),
                (["--policy", "td-pipe", "--td-pipe", "switch=fixed:2"], "fixed:2"),
                (["--policy", "hybrid", "--td-pipe", "stealing=off"], "only td-pipe and auto have any"),
                (["--td-pipe", "stealing=of"], "stealing is 'of'"), (["--lengths", "guess"], "'guess'"),
                (["--lengths", "constant:0"], "constant:0"), (["--lengths", "constant:"], "constant:"),
            ])
        func usage(arguments: [String], word: String) throws {
            let result = try run(arguments)
            #expect(result.status == 2 && !result.isSignalled)
            #expect(result.errorLines.first?.hasPrefix("Error: ") == true, "\(result.errors)")
            #expect(result.errorLines.first?.contains(word) == true, "\(result.errors)")
            #expect(result.errorLines.count { $0.hasPrefix("Error: ") } == 1)
            #expect(result.output.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
        }

        @Test("2: options that are missing, verbs that are unknown", arguments: ["model", "input", "output"])
        func missingOption(name: String) throws {
            let all = ["model": Settings.tiny(), "input": input, "output": folder.file("out")]
            let given = all.filter { $0.key != name }.sorted { $0.key < $1.key }.flatMap { ["--" + $0.key, $0.value] }
            let result = try tideway(["run"] + given)
            #expect(result.status == 2)
            #expect(result.errorLines.first?.contains("--" + name) == true, "\(result.errors)")
            #expect(try tideway(["frobnicate"]).status == 2)
        }

        @Test("3: done, and some requests failed")
        func failures() throws {
            let path = try folder.write("bad.jsonl", "{\"prompt\":\"a\",\"max_tokens\":2}\n{}\n".utf8)
            let result = try tideway(
                ["run", "--model", Settings.tiny(), "--input", path, "--output", folder.file("out"), "--quiet"])
            #expect(result.status == 3)
            #expect(result.errorLines == ["1 of 2 requests failed; their lines say why"])
            #expect(try OutputFile(folder.file("out")).ids.sorted() == ["line-1", "line-2"])
        }

        private func expectOneLine(_ result: CommandResult, names words: [String]) {
            #expect(result.status == 1 && !result.isSignalled, "status \(result.status): \(result.errors)")
            #expect(result.errorLines.count == 1, "\(result.errors)")
            for word in words { #expect(result.errors.contains(word), "\(result.errors)") }
            #expect(result.errors.hasPrefix("tideway: "))
        }
    }
}
