import Foundation
import TestTools
import Testing

extension CommandTests {
    /// `tideway tokenize`.
    @Suite("tokenize", .enabled(if: Settings.realModel != nil, CommandTests.needsRealModel))
    struct TokenizeTests {
        private let model = Settings.realModel ?? ""

        @Test("one token a line: id, tab, bytes with what does not show escaped")
        func lines() throws {
            let result = try tideway(["tokenize", model, "Hello,  wörld\n\t\u{200B}\\"])
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
            let rows = result.output.split(separator: "\n").map { $0.split(separator: "\t") }
            #expect(rows.allSatisfy { $0.count == 2 && Int($0[0]) != nil })
            let text = rows.map { $0[1] }.joined()
            #expect(rows.first.map { $0[1] } == "Hello" && text.hasPrefix("Hello,  wörld\\n\\t"), "\(text)")
            #expect(text.hasSuffix("\\\\"))
        }

        @Test("the ids alone, which are those of the lines")
        func ids() throws {
            let text = "The tide turns at 4:15.  Ångström, 潮."
            let ids = try tideway(["tokenize", "--ids", model, text])
            let lines = try tideway(["tokenize", model, text])
            #expect(ids.status == 0 && ids.output.last == "\n" && ids.output.count { $0 == "\n" } == 1)
            let listed = lines.output.split(separator: "\n").compactMap { $0.split(separator: "\t").first }
            #expect(ids.output.split(whereSeparator: \.isWhitespace) == listed && listed.count > 8)
        }

        @Test("the text of a special token is text, unless it is asked for")
        func special() throws {
            let plain = try tideway(["tokenize", model, "<|im_end|>"])
            #expect(plain.output.split(separator: "\n").count > 1 && !plain.output.contains("special"))
            let special = try tideway(["tokenize", model, "--special", "<|im_end|>"])
            #expect(special.output == "2\t<|im_end|>\tspecial\n", "\(special.output)")
        }

        @Test("a tokenizer.json in place of the model; a broken one is named")
        func tokenizerJSON() throws {
            let folder = try TemporaryFolder()
            let path = folder.file("tokenizer.json")
            let vocabulary = #"{"a":0,"b":1,"ab":2,"c":3}"#
            try Data(
                """
                {"version": "1.0", "added_tokens": [], "normalizer": null, "post_processor": null, "decoder": null,
                 "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
                 "model": {"type": "BPE", "vocab": \(vocabulary), "merges": ["a b"]}}
                """.utf8
            ).write(to: URL(fileURLWithPath: path))
            let result = try tideway(["tokenize", "--ids", path, "abcab"])
            #expect(result.output == "2 3 2\n", "\(result.errors)")
            try Data(#"{"model": {"type": "Magic"}}"#.utf8).write(to: URL(fileURLWithPath: path))
            let broken = try tideway(["tokenize", "--ids", path, "abcab"])
            #expect(broken.status == 1 && broken.errors.contains("Magic"), "\(broken.errors)")
        }

        @Test("standard input in place of the text, bytes that are not UTF-8 refused")
        func standardInput() throws {
            let piped = try tokenize("tide\n")
            #expect(piped.status == 0)
            #expect(try piped.output == tideway(["tokenize", "--ids", model, "tide\n"]).output)
            #expect(try tokenize("").output == "\n")
            let damaged = try tokenize(bytes: [0x61, 0xFF])
            #expect(damaged.status == 1 && damaged.errors.contains("UTF-8"), "\(damaged.errors)")
        }

        @Test("wrong usage is 2, a model that cannot be read is 1")
        func faults() throws {
            #expect(try tideway(["tokenize"]).status == 2)
            #expect(try tideway(["tokenize", model, "a", "b"]).status == 2)
            #expect(try tideway(["tokenize", model, "--nonesuch", "a"]).status == 2)
            let missing = try tideway(["tokenize", "/nonesuch.gguf", "a"])
            #expect(missing.status == 1 && missing.errorLines.count == 1 && missing.output.isEmpty)
            #expect(missing.errors.contains("/nonesuch.gguf"))
        }

        private func tokenize(_ text: String) throws -> (status: Int32, output: String, errors: String) {
            try tokenize(bytes: Array(text.utf8))
        }

        /// Runs `tokenize --ids` with standard input from a file.
        private func tokenize(bytes input: [UInt8]) throws -> (status: Int32, output: String, errors: String) {
            let folder = try TemporaryFolder()
            let process = Process()
            process.executableURL = URL(fileURLWithPath: Settings.binary)
            process.arguments = ["tokenize", "--ids", model]
            process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: folder.write("in", input)))
            for name in ["out", "err"] { try folder.write(name, []) }
            process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.file("out")))
            process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.file("err")))
            try process.run()
            process.waitUntilExit()
            return (
                process.terminationStatus, String(decoding: bytes(of: folder.file("out")), as: UTF8.self),
                String(decoding: bytes(of: folder.file("err")), as: UTF8.self)
            )
        }
    }
}
