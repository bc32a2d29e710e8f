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
