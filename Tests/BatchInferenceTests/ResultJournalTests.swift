import BatchInference
import Foundation
import OpenAIProtocol
import TestTools
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A file of twelve requests, and the lines that answer them.
struct JournalBench: Sendable {
    let scratch: TemporaryFolder
    let input: InputFile
    let out: String
    let model: UInt64 = 0x1234

    init(requests: Int = 12, options: String = "") throws {
        scratch = try TemporaryFolder()
        let lines = (0..<requests).map { #"{"custom_id":"r\#($0)","prompt":"Wave \#($0)"}"# + "\n" }
        input = try InputFile(path: try scratch.write(lines.joined(), to: "in.jsonl"), options: options)
        out = scratch.file("out.jsonl")
    }

    func open(overwrite: Bool = false) throws -> ResultJournal {
        try ResultJournal(path: out, input: input, model: model, overwrite: overwrite)
    }

    /// The output line of a request; every third one is a failure.
    func line(_ index: Int, model: UInt64? = nil) -> [UInt8] {
        let id = OutputID(model: model ?? self.model, request: input.digest(at: index))
        let customID = input.customID(at: index)
        if index % 3 == 2 {
            return OutputLine.failure(ProtocolError(.unsupported, "lost"), customID: customID, id: id)
        }
        let response = GenerationResponse(
            endpoint: .completion, created: 1, model: "tiny", systemFingerprint: "fp",
            choices: [Choice(index: 0, text: " é \(index)", end: .stop)], promptTokens: 2, completionTokens: 3)
        return OutputLine.success(response, customID: customID, id: id)
    }

    func write(_ bytes: [UInt8]) throws { try scratch.write("out.jsonl", bytes) }
    func contents() throws -> [UInt8] { try scratch.read("out.jsonl") }
    func done(_ journal: ResultJournal) -> [Int] { (0..<input.count).filter { journal.isDone(at: $0) } }
}

@Suite struct ResultJournalTests {
    let bench: JournalBench
    init() throws { bench = try JournalBench() }

    @Test func writesInTheOrderOfCalls() throws {
        let journal = try bench.open()
        #expect(bench.done(journal).isEmpty && journal.foundSucceeded == 0 && journal.tornBytes == 0)
        for index in [4, 0, 9] { try journal.append(bench.line(index)) }
        try journal.flush()
        #expect(try bench.contents() == bench.line(4) + bench.line(0) + bench.line(9))
        try journal.append(bench.line(2))
        try journal.close()
        try journal.close()
        #expect(try bench.contents() == bench.line(4) + bench.line(0) + bench.line(9) + bench.line(2))
        #expect(failure { try journal.append(bench.line(1)) }?.message.contains("closed") == true)
    }

    @Test func goesOnWhereItStopped() throws {
        let first = try bench.open()
        for index in [5, 1, 2, 0] { try first.append(bench.line(index)) }
        try first.close()
        let second = try bench.open()
        #expect(bench.done(second) == [0, 1, 2, 5])
        #expect(second.foundSucceeded == 2 && second.foundFailed == 2)
        for index in 0..<12 where !second.isDone(at: index) { try second.append(bench.line(index)) }
        try second.close()
        let third = try bench.open()
        #expect(bench.done(third) == Array(0..<12))
        #expect(third.foundSucceeded == 8 && third.foundFailed == 4)
        #expect(try bench.scratch.lines("out.jsonl").count == 12)
    }

    @Test func overwritesWhenTold() throws {
        try bench.write(Array("a diary\n".utf8))
        #expect(failure { _ = try bench.open() }?.code == .foreignOutput)
        let journal = try bench.open(overwrite: true)
        try journal.append(bench.line(3))
        try journal.close()
        #expect(try bench.contents() == bench.line(3))
    }

    @Test func refusesASecondWriter() throws {
        let first = try bench.open()
        try first.append(bench.line(0))
        try first.flush()
        for overwrite in [false, true] {
            let error = try #require(failure { _ = try bench.open(overwrite: overwrite) })
            #expect(error.code == .outputLocked)
            #expect(error.message.contains("another run is writing"))
        }
        #expect(try bench.contents() == bench.line(0))
        try first.close()
        let second = try bench.open()
        #expect(bench.done(second) == [0])
    }

    @Test func aForgottenJournalFreesItsFile() throws {
        do {
            let journal = try bench.open()
            try journal.append(bench.line(7))
        }
        #expect(bench.done(try bench.open()) == [7])
    }

    @Test func refusesPathsThatCannotBe() throws {
        func refusal(_ path: String, overwrite: Bool = true) -> BatchError? {
            failure { _ = try ResultJournal(path: path, input: bench.input, model: 1, overwrite: overwrite) }
        }
        let before = try bench.scratch.read("in.jsonl")
        #expect(refusal(bench.input.path)?.message.contains("it is the input file") == true)
        let link = bench.scratch.file("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: bench.input.path)
        #expect(refusal(link)?.message.contains("it is the input file") == true)
        #expect(refusal(bench.scratch.path)?.message.contains("it is a directory") == true)
        #expect(refusal(bench.scratch.file("no/such/out"))?.code == .file)
        #expect(refusal(bench.input.path + "/out")?.code == .file)
        #expect(try bench.scratch.read("in.jsonl") == before)
        #expect(mkfifo(bench.scratch.file("pipe"), 0o600) == 0)
        #expect(refusal(bench.scratch.file("pipe"))?.message.contains("not a regular file") == true)
    }

    @Test func threadsWriteEachLineOnce() async throws {
        let bench = try JournalBench(requests: 10_000)
        let journal = try bench.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    for index in stride(from: worker, to: 10_000, by: 8) {
                        try journal.append(bench.line(index))
                        if index % 1_000 < 8 { try journal.flush() }
                    }
                }
            }
            try await group.waitForAll()
        }
        try journal.close()
        let reopened = try bench.open()
        #expect(bench.done(reopened).count == 10_000)
        #expect(reopened.tornBytes == 0)
        // Each worker's lines stand in its own order.
        var last = Array(repeating: -1, count: 8)
        for line in try bench.scratch.lines("out.jsonl") {
            let customID = try #require(try json(line)["custom_id"]?.string)
            let index = try #require(bench.input.index(of: customID))
            #expect(last[index % 8] < index)
            last[index % 8] = index
        }
    }

    #if os(Linux)
        @Test func aFullDiskIsAnError() throws {
            let journal = try ResultJournal(path: "/dev/full", input: bench.input, model: bench.model)
            try journal.append(bench.line(0))
            let error = try #require(failure { try journal.flush() })
            #expect(error.code == .file)
            #expect(error.description == "cannot write to /dev/full: No space left on device")
            #expect(failure { try journal.append(bench.line(1)) } == error)
            #expect(failure { try journal.close() } == error)
        }

        #if compiler(>=6.2)
            /// With a limit in the middle of the fourth line, three stand in the file and one is torn; the next opening
            /// puts that right.
            @Test func aFileAtItsLimitIsAnError() async {
                await #expect(processExitsWith: .success) {
                    let bench = try JournalBench()
                    let journal = try bench.open()
                    let whole = (0..<3).flatMap { bench.line($0) }
                    var limit = rlimit()
                    #expect(getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
                    limit.rlim_cur = rlim_t(whole.count + 40)
                    #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
                    for index in 0..<4 { try journal.append(bench.line(index)) }
                    let error = try #require(failure { try journal.flush() })
                    #expect(error.description.hasSuffix("File too large"))
                    #expect(failure { try journal.close() } == error)
                    #expect(try bench.contents() == whole + bench.line(3).prefix(40))
                    let second = try bench.open()
                    #expect(second.tornBytes == 40)
                    #expect(bench.done(second) == [0, 1, 2])
                }
            }
        #endif
    #endif

    @Test func aDeviceTakesEverything() throws {
        let journal = try ResultJournal(path: "/dev/null", input: bench.input, model: bench.model)
        for index in 0..<12 { try journal.append(bench.line(index)) }
        try journal.close()
        #expect(bench.done(journal).isEmpty)
    }

    @Test func manyFlushesAreAllAnswered() async throws {
        let journal = try bench.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<12 {
                group.addTask {
                    try journal.append(bench.line(index))
                    try journal.flush()
                    let line = bench.line(index)
                    #expect(
                        String(decoding: try bench.contents(), as: UTF8.self).contains(
                            String(decoding: line, as: UTF8.self)))
                }
            }
            try await group.waitForAll()
        }
        try journal.close()
        #expect(bench.done(try bench.open()).count == 12)
    }
}
