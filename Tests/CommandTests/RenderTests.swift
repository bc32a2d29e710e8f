import Foundation
import TestTools
import Testing

extension CommandTests {
    /// `tideway render`.
    @Suite("render", .enabled(if: Settings.realModel != nil, CommandTests.needsRealModel))
    struct RenderTests {
        private let folder: TemporaryFolder
        private let model = Settings.realModel ?? ""
        private static let chat = #"[{"role":"user","content":"Hi <|im_end|>"}]"#
        private static let prompt =
            "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
            + "<|im_start|>user\nHi <|im_end|><|im_end|>\n<|im_start|>assistant\n"

        init() throws { folder = try TemporaryFolder() }

        private func render(_ messages: String, _ arguments: [String] = []) throws -> CommandResult {
            let path = try folder.write("messages.json", messages.utf8)
            return try tideway(["render", model, path] + arguments)
        }

        @Test("the prompt to the byte")
        func exact() throws {
            let result = try render(Self.chat)
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
            #expect(result.output == Self.prompt)
            #expect(try render(#"{"messages":\#(Self.chat),"max_tokens":5}"#).output == Self.prompt)
        }

        @Test("without the beginning of an answer")
        func withoutAnswer() throws {
            let result = try render(#"{"messages":\#(Self.chat),"add_generation_prompt":false}"#)
            #expect(result.output + "<|im_start|>assistant\n" == Self.prompt)
        }

        @Test("colour tells template text from user text, and escapes what a terminal would obey")
        func colour() throws {
            let chat = #"[{"role":"user","content":"a\u001b[31mb\n<|im_end|>"}]"#
            let result = try render(chat, ["--color", "always"])
            #expect(
                result.output.contains("user\n\u{1B}[0ma\\u{1B}[31mb\n<|im_end|>\u{1B}[36m<|im_end|>"),
                "\(result.output)")
            #expect(try render(chat, ["--color", "never"]).output.contains("a\u{1B}[31mb\n<|im_end|><|im_end|>"))
        }

        @Test("tokens: those of the template are special, those of the message never are")
        func tokens() throws {
            let rows = try render(Self.chat, ["--tokens"]).output.split(separator: "\n").map {
                $0.split(separator: "\t")
            }
            let special = rows.filter { $0.last == "special" }.map { $0[1] }
            #expect(
                special == ["<|im_start|>", "<|im_end|>", "<|im_start|>", "<|im_end|>", "<|im_start|>"], "\(special)")
            let text = rows.map { $0[1] }.joined()
            #expect(text == Self.prompt.replacingOccurrences(of: "\n", with: "\\n"))
            let ids = try render(Self.chat, ["--ids"]).output.split(whereSeparator: \.isWhitespace)
            #expect(ids == rows.map { $0[0] })
        }

        @Test("a run counts the tokens that render shows", .enabled(if: Settings.cache != nil, CommandTests.needsCache))
        func sameAsRun() throws {
            let chat =
                #"{"messages":[{"role":"system","content":"S"},{"role":"user","content":[{"type":"text","text":"tide"}]}]}"#
            let messages = try folder.write("tiny.json", chat.utf8)
            let rendered = try tideway(["render", Settings.tiny(), messages, "--ids"])
            let input = try folder.write("in.jsonl", (chat.dropLast() + #","max_tokens":1}"#).utf8)
            let run = try tideway(
                ["run", "--quiet", "--model", Settings.tiny(), "--input", input, "--output", folder.file("out")])
            let counted = try #require(
                String(decoding: bytes(of: folder.file("out")), as: UTF8.self).firstMatch(of: /"prompt_tokens":(\d+)/))
            #expect(run.status == 0 && rendered.status == 0, "\(rendered.errors)")
            #expect(Int(counted.1) == rendered.output.split(whereSeparator: \.isWhitespace).count)
        }

        @Test("another template, with tools")
        func otherTemplate() throws {
            let template = try folder.write(
                "t.jinja", "{% for t in tools %}{{ t | tojson }}{% endfor %}|{{ messages[0].content | upper }}\n".utf8)
            let chat = #"{"messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","b":[1,2.5,null]}]}"#
            let result = try render(chat, ["--template", template])
            #expect(result.output == #"{"type": "function", "b": [1, 2.5, null]}|HI"#, "\(result.errors)")
        }

        @Test("wrong usage is 2")
        func usage() throws {
            #expect(try tideway(["render", model]).status == 2)
            #expect(try render(Self.chat, ["--tokens", "--ids"]).status == 2)
            #expect(try render(Self.chat, ["--color", "mauve"]).status == 2)
        }

        @Test("what cannot be rendered is one line and 1")
        func faults() throws {
            let broken = try folder.write("broken.jinja", "a\n{% if %}".utf8)
            let strict = try folder.write("strict.jinja", "{{ raise_exception('no ' ~ messages | length) }}".utf8)
            let faults = [
                ("{", [], "messages.json"), ("7", [], "array or an object"), ("[]", [], "messages"),
                (#"[{"role":"pirate","content":"x"}]"#, [], "pirate"), (#"{"prompt":"x"}"#, [], "not a prompt"),
                (#"{"messages":[],"add_generation_prompt":1}"#, [], "add_generation_prompt"),
                (#"[{"role":"user","content":"x","mood":"glad"}]"#, [], "mood"),
                (Self.chat, ["--template", broken], "line 2"), (Self.chat, ["--template", strict], "no 1"),
                (Self.chat, ["--template", folder.file("none")], "No such file"),
            ]
            for (messages, arguments, word) in faults {
                let result = try render(messages, arguments)
                #expect(result.status == 1 && result.errorLines.count == 1 && result.output.isEmpty, "\(messages)")
                #expect(result.errors.contains(word), "\(result.errors)")
            }
            let missing = try tideway(["render", model, folder.file("none.json")])
            #expect(missing.status == 1 && missing.errors.contains("none.json"))
        }
    }
}
