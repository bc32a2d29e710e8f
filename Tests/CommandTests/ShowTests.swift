import Foundation
import TestTools
import Testing

extension CommandTests {
    /// `tideway show`.
    @Suite("show")
    struct ShowTests {
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        @Test("control characters of an answer do not steer the terminal; tabs and lines stay")
        func controlCharacters() throws {
            let text = "\u{1B}[31mred\u{1B}[0m\u{7}\u{8}\u{7F}\u{9B}2J\ttab\r\nnext ü"
            let line: JSONTree = [
                "custom_id": "a\u{1B}]0;title\u{7}b",
                "response": ["body": ["choices": [["message": ["content": .string(text)]]]]], "error": .null,
            ]
            let path = try folder.write("out.jsonl", try line.line + [0x0A])
            let result = try tideway(["show", path])
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
            #expect(result.output.contains("[31mred[0m") && result.output.contains("\ttab"))
            #expect(result.output.contains("next ü") && result.output.contains("a]0;titleb"))
            let controls = result.output.unicodeScalars.filter {
                $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t"
            }
            #expect(controls.isEmpty, "\(controls.map(\.value))")
            #expect(result.output.split(separator: "\n").count == 3)
        }
    }
}
