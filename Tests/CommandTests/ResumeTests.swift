import Foundation
import Testing

extension CommandTests {
    /// The output file as the journal of its run.
    @Suite("resuming", .enabled(if: Settings.cache != nil, CommandTests.needsCache))
    struct ResumeTests {
        private func requests(_ names: [String] = ["a", "b", "c", "d"]) throws -> RequestFile {
            var file = RequestFile()
            for name in names { try file.add(name, ["prompt": .string("the tide \(name)"), "max_tokens": 12]) }
            return file
        }

        @Test("a torn last line is cut off and its request runs again")
        func torn() throws {
            let batch = try Batch(requests())
            let reference = try batch.run("out")
            let whole = bytes(of: batch.folder.file("out"))
            let lastLine = try #require(whole.dropLast().lastIndex(of: 0x0A)) + 1
            let cuts = [lastLine + 1, lastLine + 12, lastLine + 60, (lastLine + whole.count) / 2, whole.count - 1]
            for cut in cuts {
                try batch.folder.write("torn", whole[..<cut])
                let result = try tideway(batch.arguments(output: "torn"))
                #expect(result.status == 0, "\(result.errors)")
                #expect(result.errors.contains("torn last line of \(cut - lastLine) bytes"))
                #expect(try OutputFile(batch.folder.file("torn")).differences(from: reference) == [])
            }
        }

        @Test("lines that are missing anywhere are made again, and only those")
        func missing() throws {
            let batch = try Batch(requests())
            let reference = try batch.run("out")
            let lines = bytes(of: batch.folder.file("out")).split(separator: 0x0A)
            try batch.folder.write("part", Array(lines[1]) + [0x0A])
            let (answers, figures) = try batch.runWithFigures("part")
            #expect(answers.differences(from: reference) == [])
            #expect(try figures.integer("requests") == 3)
            let beginning = bytes(of: batch.folder.file("part")).prefix(lines[1].count)
            #expect(String(decoding: beginning, as: UTF8.self) == String(decoding: lines[1], as: UTF8.self))
        }

        @Test("a finished run that is started again changes nothing")
        func finished() throws {
            let batch = try Batch(requests())
            _ = try batch.run("out")
            let before = snapshot(batch.folder.file("out"))
            let (_, figures) = try batch.runWithFigures("out")
            #expect(try figures.integer("requests") == 0)
            #expect(try figures.integer("output_tokens") == 0)
            #expect(snapshot(batch.folder.file("out")) == before)
        }

        @Test("another input, model or token option is refused, and the file stays as it is")
        func foreign() throws {
            let batch = try Batch(requests())
            let reference = try batch.run("out")
            let output = batch.folder.file("out")
            let before = snapshot(output)

            var changed = try requests()
            changed = try RequestFile(changed, replacing: "tide b", with: "tide B")
            let changedInput = try batch.folder.write("changed.jsonl", changed.bytes)
            let fewer = try batch.folder.write("fewer.jsonl", requests(["a", "c", "d"]).bytes)
            func command(model: String? = nil, input: String? = nil, _ extra: [String] = []) -> [String] {
                ["run", "--model", model ?? batch.model, "--input", input ?? batch.input, "--output", output] + extra
            }
            let refusals = [
                (command(input: changedInput), "another input"), (command(input: fewer), "is not in"),
                (command(model: Settings.tiny("qwen3")), "another model"),
                (command(["--ignore-eos"]), "other options"), (command(["--activations", "f32"]), "other options"),
                (command(["--kv-type", "q8"]), "other options"),
            ]
            for (arguments, reason) in refusals {
                let result = try tideway(arguments)
                #expect(result.status == 1 && result.errorLines.count == 1, "\(result.errors)")
                #expect(result.errors.contains(output) && result.errors.contains(reason), "\(result.errors)")
                #expect(snapshot(output) == before)
            }

            let anew = try tideway(command(input: changedInput, ["--overwrite", "--quiet", "--token-ids"]))
            #expect(anew.status == 0, "\(anew.errors)")
            let answers = try OutputFile(output)
            #expect(answers.ids.count == 4)
            #expect(answers.differences(from: reference) == ["b"])
        }

        @Test("a file of something else is refused and stays as it is")
        func unrelated() throws {
            let batch = try Batch(requests())
            for text in ["Dear diary,\n", "Dear diary", "{\"a\":1}\n", "[1]\n{}\n", "\n\nx\n"] {
                let path = try batch.folder.write("notes", text.utf8)
                let result = try tideway(batch.arguments(output: "notes"))
                #expect(result.status == 1 && result.errors.contains(path), "\(text): \(result.errors)")
                #expect(bytes(of: path) == Array(text.utf8))
            }
        }

        @Test("an id that stands twice is refused before the first token")
        func duplicates() throws {
            for overwrite in [[], ["--overwrite"]] {
                let batch = try Batch(requests(["a", "b", "twin", "c", "twin"]))
                let result = try tideway(batch.arguments(output: "out", overwrite))
                #expect(result.status == 1 && result.errorLines.count == 1, "\(result.errors)")
                #expect(result.errors.contains("\"twin\" in lines 3 and 5"), "\(result.errors)")
                #expect(bytes(of: batch.folder.file("out")).isEmpty)
            }
            // A line without an id is named by its number, which may be another line's own id.
            var generated = RequestFile()
            try generated.add("line-2", ["prompt": "a"])
            generated.add(raw: #"{"prompt":"b"}"#.utf8)
            let batch = try Batch(generated)
            let result = try tideway(batch.arguments(output: "out"))
            #expect(result.status == 1 && result.errors.contains("\"line-2\" in lines 1 and 2"), "\(result.errors)")
        }
    }
}

extension RequestFile {
    /// The same lines with a piece of text replaced.
    init(_ other: RequestFile, replacing text: String, with replacement: String) throws {
        self.init()
        var found = 0
        for line in other.lines {
            let old = String(decoding: line, as: UTF8.self)
            let new = old.replacingOccurrences(of: text, with: replacement)
            if new != old { found += 1 }
            add(raw: new.utf8)
        }
        guard found == 1 else { throw TestFailure("\(text) stands in \(found) lines") }
    }
}
