import TestTools
import Testing

extension CommandTests {
    /// What a wrong command must leave alone.
    @Suite("files that are in use", .enabled(if: Settings.cache != nil, CommandTests.needsCache))
    struct FilesInUseTests {
        private func batch() throws -> Batch {
            var file = RequestFile()
            for index in 0..<4 { try file.add("\(index)", ["prompt": "the tide", "max_tokens": 8]) }
            return try Batch(file)
        }

        @Test(
            "--overwrite empties the output only if the run can begin",
            arguments: [["--stages", "9"], ["--kv-memory", "9"]])
        func overwrite(impossible: [String]) throws {
            let batch = try batch()
            _ = try batch.run("out")
            let before = snapshot(batch.folder.file("out"))
            #expect(try tideway(batch.arguments(output: "out", ["--overwrite"] + impossible)).status == 1)
            #expect(snapshot(batch.folder.file("out")) == before)
        }

        @Test(
            "a report never replaces the model, the input or the output",
            arguments: ["--stats", "--timeline", "--trace"])
        func reports(flag: String) throws {
            let batch = try batch()
            _ = try batch.run("out")
            for path in [batch.folder.file("out"), batch.input, batch.folder.path + "/./out"] {
                let before = snapshot(path)
                let result = try tideway(batch.arguments(output: "out", [flag, path]))
                #expect([1, 2].contains(result.status) && result.errors.contains(path), "\(result.errors)")
                #expect(snapshot(path) == before)
            }
        }

        @Test("a report that is to be the output, spelled otherwise, is refused before either exists")
        func unborn() throws {
            let batch = try batch()
            let path = batch.folder.path + "/./out"
            let result = try tideway(batch.arguments(output: "out", ["--stats", path]))
            #expect(result.status == 2 && result.errors.contains(path), "\(result.errors)")
            #expect(bytes(of: path).isEmpty)
        }

        @Test("a folder is no report")
        func folder() throws {
            let batch = try batch()
            let result = try tideway(batch.arguments(output: "out", ["--stats", batch.folder.path]))
            #expect(result.status == 1 && result.errors.contains("directory"), "\(result.errors)")
            #expect(bytes(of: batch.folder.file("out")).isEmpty)
        }

        @Test("logits never replace the model or the tokens", arguments: ["model", "tokens"])
        func logits(option: String) throws {
            let folder = try TemporaryFolder()
            let model = try folder.write("m.gguf", bytes(of: Settings.tiny()))
            let tokens = try folder.write("t.json", Array("[[1, 2]]".utf8))
            let target = option == "model" ? model : tokens
            let before = snapshot(target)
            let result = try tideway(["logits", "--model", model, "--tokens", tokens, "--output", target])
            #expect(result.status == 2 && result.errors.contains(target), "\(result.errors)")
            #expect(snapshot(target) == before)
        }

        @Test("a refusal in mid-answer costs no other request its choices")
        func refusalWhileOthersAreFed() throws {
            var file = RequestFile()
            for index in 0..<2 {
                let messages: JSONTree = [["role": "user", "content": "the tide"]]
                try file.add("open\(index)", ["messages": messages, "temperature": 0, "ignore_eos": true])
            }
            for index in 0..<9 { try file.add("n\(index)", ["prompt": "the tide", "n": 128, "max_tokens": 4]) }
            let batch = try Batch(file)
            let result = try tideway(
                batch.arguments(output: "out", ["--quiet", "--kv-memory", "64KiB", "--max-sequences", "1"]))
            #expect(result.status == 3, "\(result.errors)")
            let output = try OutputFile(batch.folder.file("out"))
            #expect(output.ids.count == 11)
            for index in 0..<2 { #expect(try output.answer("open\(index)").errorCode == "kv_pool_exceeded") }
        }

        @Test("an answer without max_tokens does not depend on the pool")
        func openEnd() throws {
            var file = RequestFile()
            let messages: JSONTree = [["role": "user", "content": "the tide"]]
            try file.add("open", ["messages": messages, "temperature": 0, "ignore_eos": true])
            try file.add("short", ["prompt": "the tide", "max_tokens": 8])
            let batch = try Batch(file)
            let roomy = try batch.run("roomy")
            #expect(try roomy.answer("open").choice.finishReason == "length")
            // A pool too small for it refuses it; one that is large enough gives the same answer.
            let small = try tideway(batch.arguments(output: "small", ["--quiet", "--kv-memory", "128KiB"]))
            #expect(small.status == 3)
            #expect(try OutputFile(batch.folder.file("small")).answer("open").errorCode == "kv_pool_exceeded")
        }
    }
}
