import BatchInference
import OpenAIProtocol
import Testing

@Suite struct JournalRecoveryTests {
    let bench: JournalBench
    init() throws { bench = try JournalBench() }

    /// Opens the file, expects a refusal, and expects the file to be as it was.
    func refusal(_ bytes: [UInt8]) throws -> BatchError {
        try bench.write(bytes)
        let error = try #require(failure { _ = try bench.open() })
        #expect(try bench.contents() == bytes)
        return error
    }

    @Test func aLineTornAtAnyByteIsCutOff() throws {
        let whole = bench.line(3) + bench.line(8)
        for last in [bench.line(0), bench.line(2)] {
            for end in 0..<last.count {
                try bench.write(whole + last[..<end])
                let journal = try bench.open()
                #expect(journal.tornBytes == end)
                #expect(bench.done(journal) == [3, 8])
                try journal.append(last)
                try journal.close()
                #expect(try bench.contents() == whole + last)
            }
        }
    }

    @Test func aTornFirstLineIsCutOff() throws {
        for end in 0..<bench.line(0).count {
            try bench.write(Array(bench.line(0)[..<end]))
            #expect(try bench.open().tornBytes == end)
            #expect(try bench.contents().isEmpty)
        }
    }

    /// What a power cut can leave: zeros where data was never written, with and without a newline after them.
    @Test func zerosAtTheEndAreCutOff() throws {
        let line = bench.line(1)
        for tail in [
            Array(repeating: 0, count: 300), Array(repeating: 0, count: 9) + [0x0A], line[..<50] + [0, 0, 0, 0x0A],
            line[..<12] + Array(repeating: 0, count: 80), [0, 0] + line[2...],
        ] as [[UInt8]] {
            try bench.write(bench.line(0) + tail)
            let journal = try bench.open()
            #expect(journal.tornBytes == tail.count)
            #expect(bench.done(journal) == [0])
        }
    }

    @Test func brokenLinesElsewhereAreRefused() throws {
        let error = try refusal(bench.line(0) + bench.line(1).dropLast(5) + [0x0A] + bench.line(2))
        #expect(error.code == .foreignOutput)
        #expect(error.message.contains("line 2: not valid JSON"))
        let torn = try refusal(bench.line(0).dropLast(9) + bench.line(1) + bench.line(2))
        #expect(torn.message.contains("line 1: "))
    }

    @Test func anotherModelIsRefused() throws {
        let error = try refusal(bench.line(0) + bench.line(1, model: 0x9999))
        #expect(error.message.hasSuffix("out.jsonl, line 2: it was made by another model"))
        #expect(try refusal(bench.line(1, model: 0x9999).dropLast(20)).message.contains("another model"))
    }

    @Test func anotherInputIsRefused() throws {
        let other = try JournalBench(requests: 13)
        let unknown = try refusal(bench.line(0) + other.line(12))
        #expect(unknown.message.contains("line 2: custom_id \"r12\" is not in "))
        let options = try JournalBench(options: "ignore_eos=1")
        let changed = try refusal(options.line(4))
        #expect(changed.message.contains("line 1: \"r4\" was made by another input or with other options"))
    }

    @Test func twoAnswersToOneRequestAreRefused() throws {
        let error = try refusal(bench.line(0) + bench.line(1) + bench.line(0))
        #expect(error.message.contains("line 3: custom_id \"r0\" stands in the file twice"))
    }

    /// A file of something else, given by mistake, must not lose a byte.
    @Test(arguments: [
        "a diary\n", "a diary", "{}\n", "{\"id\":\"batch_req_123\",\"custom_id\":\"r0\",\"error\":null}\n", "[1,2]\n",
        "{\"id\":7}\n",
        "{\"id\":\"batch_req_0000000000001234_0000000000000000\",\"custom_id\":\"r0\"}\n",
        "{\"id\":\"batch\", \"custom_id\":", " ",
        "{\"custom_id\":\"r0\",\"prompt\":\"x\"}",
    ])
    func otherFilesAreRefused(_ text: String) throws {
        #expect(try refusal(Array(text.utf8)).code == .foreignOutput)
        #expect(try refusal(bench.line(0) + Array(text.utf8)).message.contains("line 2: "))
    }

    @Test func emptyFilesAndBlankLinesAreNothing() throws {
        try bench.write([])
        #expect(bench.done(try bench.open()).isEmpty)
        try bench.write(bench.line(0) + [0x0A, 0x20, 0x0A] + bench.line(1) + [0x0A])
        let journal = try bench.open()
        #expect(bench.done(journal) == [0, 1])
        #expect(journal.tornBytes == 0)
    }

    /// At every point at which a run may be killed, the next one ends up with each request exactly once.
    @Test func everyKillIsSurvived() throws {
        let order = [7, 2, 11, 0, 5, 1, 10, 3, 4, 9, 8, 6]
        let all = order.flatMap { bench.line($0) }
        for end in stride(from: 0, through: all.count, by: 37) {
            try bench.write(Array(all[..<end]))
            let journal = try bench.open()
            for index in order.reversed() where !journal.isDone(at: index) { try journal.append(bench.line(index)) }
            try journal.close()
            let ids = try bench.scratch.lines("out.jsonl").map { try json($0)["custom_id"]?.string ?? "" }
            #expect(ids.count == 12 && Set(ids).count == 12, "killed at byte \(end)")
        }
    }
}
