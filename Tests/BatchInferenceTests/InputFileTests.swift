import BatchInference
import Foundation
import OpenAIProtocol
import TestTools
import Testing

@Suite struct InputFileTests {
    let scratch: TemporaryFolder
    init() throws { scratch = try TemporaryFolder() }

    @Test func readsLinesInAnyOrder() throws {
        let path = try scratch.write(
            "{\"custom_id\":\"a\",\"prompt\":\"1\"}\r\n\n   \t\nbroken\n"
                + "{\"id\":\"b\",\"prompt\":\"2\"}\n{\"prompt\":\"3\"}",
            to: "in")
        let input = try InputFile(path: path)
        #expect(input.path == path)
        #expect(input.count == 4)
        #expect((0..<4).map { input.customID(at: $0) } == ["a", "line-4", "b", "line-6"])
        #expect(input.index(of: "b") == 2)
        #expect(input.index(of: "c") == nil)
        for index in [3, 0, 2, 1, 1] {
            let line = try input.line(at: index)
            #expect(line.customID == input.customID(at: index))
            #expect(line.digest == input.digest(at: index))
            #expect(line.lineNumber == [1, 4, 5, 6][index])
        }
        guard case .request(let third) = try input.line(at: 3) else {
            Issue.record("refused a good line")
            return
        }
        #expect(third.prompt == .text("3"))
        guard case .invalid = try input.line(at: 1) else {
            Issue.record("accepted a broken line")
            return
        }
    }

    @Test func isWhatTheLinesAre() throws {
        let lines = (0..<5_000).map { #"{"prompt":"\#(String(repeating: "wave ", count: $0 % 97))\#($0)"}"# }
        let input = try InputFile(path: try scratch.write(lines.joined(separator: "\n"), to: "in"), options: "o=1")
        #expect(input.count == lines.count)
        for (index, line) in lines.enumerated() {
            let expected = RequestLine.parse(Array(line.utf8), lineNumber: index + 1, options: "o=1")
            #expect(try input.line(at: index) == expected)
        }
    }

    @Test(arguments: ["", "\n", "  \n\n\t", "\u{FEFF}"])
    func anEmptyFileHasNoRequests(_ text: String) throws {
        #expect(try InputFile(path: try scratch.write(text, to: "in")).count == 0)
    }

    @Test func skipsAByteOrderMark() throws {
        let input = try InputFile(path: try scratch.write("\u{FEFF}{\"id\":\"a\",\"prompt\":\"x\"}\n", to: "in"))
        #expect(input.count == 1 && input.customID(at: 0) == "a")
        guard case .request = try input.line(at: 0) else {
            Issue.record("refused the first line")
            return
        }
    }

    @Test func refusesDuplicates() throws {
        let lines = ["a", "b", "a", "c", "b", "a"].map { #"{"id":"\#($0)","prompt":"x"}"# }
        let path = try scratch.write(lines.joined(separator: "\n"), to: "in")
        let error = try #require(failure { _ = try InputFile(path: path) })
        #expect(error.code == .duplicateID)
        #expect(error.message.hasSuffix(#""a" in lines 1 and 3, "b" in lines 2 and 5, "a" in lines 1 and 6"#))
        let many = (0..<40).map { #"{"id":"i\#($0 % 20)","prompt":"x"}"# }.joined(separator: "\n")
        let long = try #require(failure { _ = try InputFile(path: try scratch.write(many, to: "in")) })
        #expect(long.message.hasSuffix(#""i4" in lines 5 and 25, and 15 more"#))
    }

    /// A generated id must not hide behind a real one, whichever comes first.
    @Test(arguments: [
        "{\"id\":\"line-2\",\"prompt\":\"x\"}\nbroken", "{\"prompt\":\"x\"}\n{\"id\":\"line-1\",\"prompt\":\"x\"}",
    ])
    func refusesCollisionsWithGeneratedIDs(_ text: String) throws {
        let path = try scratch.write(text, to: "in")
        #expect(failure { _ = try InputFile(path: path) }?.message.contains("in lines 1 and 2") == true)
    }

    @Test func refusesWhatIsNoFile() throws {
        #expect(failure { _ = try InputFile(path: scratch.file("absent")) }?.code == .file)
        #expect(failure { _ = try InputFile(path: scratch.path) }?.message.contains("regular file") == true)
        #expect(failure { _ = try InputFile(path: "/dev/zero") }?.message.contains("regular file") == true)
    }

    @Test func tooLongALineDoesNotHurtItsNeighbours() throws {
        let frame = #"{"id":"x","prompt":""}"#.utf8.count
        let fits = #"{"id":"fits","prompt":""# + String(repeating: "s", count: (16 << 20) - frame - 3) + "\"}"
        #expect(fits.utf8.count == 16 << 20)
        let long = #"{"id":"long","prompt":""# + String(repeating: "l", count: (16 << 20) - frame - 2) + "\"}"
        let path = try scratch.write([fits, long, #"{"id":"b","prompt":"x"}"#].joined(separator: "\n"), to: "in")
        let input = try InputFile(path: path)
        #expect((0..<3).map { input.customID(at: $0) } == ["fits", "line-2", "b"])
        guard case .request = try input.line(at: 0), case .invalid(let refused) = try input.line(at: 1),
            case .request = try input.line(at: 2)
        else {
            Issue.record("a line was taken for what it is not")
            return
        }
        #expect(refused.error.code == .lineTooLong)
        #expect(refused.error.message == "a line must have at most 16777216 bytes, this one has 16777217")
    }

    @Test func namesTheOffsetOfInvalidUTF8() throws {
        let path = try scratch.write(
            "in", Array("{\"prompt\":\"x\"}\n{\"prompt\":\"".utf8) + [0xC3, 0x28] + Array("\"}".utf8))
        guard case .invalid(let refused) = try InputFile(path: path).line(at: 1) else {
            Issue.record("accepted invalid UTF-8")
            return
        }
        #expect(refused.customID == "line-2")
        #expect(refused.error.message == "the byte at offset 11 is not valid UTF-8")
    }

    @Test func noticesAChangedFile() throws {
        let path = try scratch.write("{\"prompt\":\"aaaa\"}\n{\"prompt\":\"bbbb\"}\n", to: "in")
        let input = try InputFile(path: path)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seek(toOffset: 11)
        try handle.write(contentsOf: Data("c".utf8))
        #expect(failure { _ = try input.line(at: 0) }?.code == .inputChanged)
        _ = try input.line(at: 1)
        try handle.truncate(atOffset: 20)
        #expect(failure { _ = try input.line(at: 1) }?.code == .inputChanged)
        try handle.close()
    }
}
