import Foundation
import Testing

extension CommandTests {
    /// Runs that are stopped by hand, and what a reader sees while a run goes on.
    @Suite("interrupted runs", .enabled(if: Settings.cache != nil, CommandTests.needsCache))
    struct InterruptTests {
        private static let plan = ["--stages", "1", "--threads", "1"]

        @Test("a signal ends the run soon and cleanly, and the same command goes on", arguments: [SIGINT, SIGTERM])
        func signal(number: Int32) throws {
            let batch = try Batch(LongWork.file())
            let reference = try batch.run("reference", Self.plan)
            let output = batch.folder.file("out")
            let run = try RunningCommand(batch.arguments(output: "out", Self.plan))
            try #require(try run.wait(until: { bytes(of: output).count { $0 == 0x0A } >= 5 }))
            run.send(number)
            let stopped = try run.finish(timeout: 20)
            #expect(!stopped.isSignalled && stopped.status == 1, "\(stopped.errors)")

            let found = try OutputFile(output)
            #expect((5..<LongWork.count).contains(found.ids.count))
            #expect(found.wrongLines(against: reference) == [])
            let message = try #require(stopped.errorLines.last)
            #expect(message.contains("stopped") && message.contains("\(found.ids.count) of \(LongWork.count)"))

            let resumed = try tideway(batch.arguments(output: "out", Self.plan))
            #expect(resumed.status == 0)
            #expect(resumed.errors.contains("\(found.ids.count) of \(LongWork.count) requests are done"))
            #expect(try OutputFile(output).differences(from: reference) == [])
        }

        @Test("answers appear as they finish")
        func growth() throws {
            let batch = try Batch(LongWork.file())
            let output = batch.folder.file("out")
            let run = try RunningCommand(batch.arguments(output: "out", Self.plan + ["--quiet"]))
            var counts: Set<Int> = []
            _ = try run.wait(until: {
                counts.insert(bytes(of: output).count { $0 == 0x0A })
                return false
            })
            #expect(try run.finish().status == 0)
            #expect(counts.count { $0 > 0 && $0 < LongWork.count } >= 3, "line counts seen: \(counts.sorted())")
        }

        @Test("two runs never write to one output")
        func lock() throws {
            let batch = try Batch(LongWork.file())
            let output = batch.folder.file("out")
            let first = try RunningCommand(batch.arguments(output: "out", Self.plan + ["--quiet"]))
            try #require(try first.wait(until: { !bytes(of: output).isEmpty }))
            for extra in [[], ["--overwrite"]] {
                let second = try tideway(batch.arguments(output: "out", Self.plan + extra))
                #expect(second.status == 1)
                #expect(second.errors.contains(output) && second.errors.contains("another run"))
            }
            #expect(try first.finish().status == 0)
            #expect(try OutputFile(output).ids.count == LongWork.count)
        }
    }
}
