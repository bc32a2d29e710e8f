import Foundation
import TestTools
import Testing

extension CommandTests {
    /// A run that is killed at any moment goes on where it stopped.
    @Suite("kill -9", .enabled(if: Settings.cache != nil, CommandTests.needsCache))
    struct KillTests {
        private static let plan = ["--stages", "1", "--threads", "1", "--kv-memory", "1MiB", "--quiet"]
        private static let otherPlan = [
            "--stages", "2", "--threads", "1", "--policy", "separate", "--prefill-chunk", "64", "--quiet",
        ]

        private static let tdPipe = [
            "--stages", "2", "--threads", "1", "--policy", "td-pipe", "--kv-memory", "1MiB", "--quiet",
        ]

        @Test("20 kills at random moments lose nothing, double nothing and change no token")
        func kills() throws {
            let batch = try Batch(LongWork.file())
            let whole = try tideway(batch.arguments(output: "whole", Self.plan))
            try #require(whole.status == 0, "\(whole.errors)")
            let reference = try OutputFile(batch.folder.file("whole"))
            try #require(reference.ids.count == LongWork.count)

            var generator = SplitMix(seed: 9)
            var incomplete = 0
            for trial in 0..<20 {
                let output = "out-\(trial)"
                let delay = Double.random(in: 0.02..<0.95, using: &generator) * whole.seconds
                let found = try kill(batch, output, after: delay, trial % 3 == 2 ? Self.tdPipe : Self.plan)
                #expect(found.wrongLines(against: reference) == [], "trial \(trial), before going on")
                if found.ids.count < LongWork.count { incomplete += 1 }
                let resumed = try tideway(
                    batch.arguments(output: output, [Self.plan, Self.plan, Self.tdPipe, Self.otherPlan][trial % 4]))
                #expect(resumed.status == 0, "trial \(trial): \(resumed.errors)")
                // Reading the file fails for a doubled or a torn line.
                let end = try OutputFile(batch.folder.file(output))
                #expect(end.differences(from: reference) == [], "trial \(trial)")
            }
            #expect(incomplete >= 10, "only \(incomplete) of 20 kills hit a run under way")
        }

        @Test("an output that is killed again and again ends like one that never was")
        func killedAgain() throws {
            let batch = try Batch(LongWork.file())
            let whole = try tideway(batch.arguments(output: "whole", Self.plan))
            try #require(whole.status == 0, "\(whole.errors)")
            var counts = [0]
            for _ in 0..<4 {
                counts.append(try kill(batch, "out", after: 0.2 * whole.seconds).ids.count)
                #expect(counts[counts.count - 1] >= counts[counts.count - 2], "lines were lost: \(counts)")
            }
            #expect(counts.last! < LongWork.count, "no kill hit a run under way")
            let end = try tideway(batch.arguments(output: "out", Self.plan))
            #expect(end.status == 0, "\(end.errors)")
            let reference = try OutputFile(batch.folder.file("whole"))
            #expect(try OutputFile(batch.folder.file("out")).differences(from: reference) == [])
        }

        /// Kills a run and returns the whole lines that it left.
        private func kill(_ batch: Batch, _ output: String, after delay: Double, _ plan: [String] = plan) throws
            -> OutputFile
        {
            let run = try RunningCommand(batch.arguments(output: output, plan))
            _ = try run.wait(until: { run.seconds >= delay })
            run.kill()
            let result = try run.finish()
            #expect(result.isSignalled || result.status == 0, "\(result.errors)")
            return try OutputFile.wholeLines(of: batch.folder.file(output))
        }
    }
}

/// Enough requests for the quickest model to be busy for about a second.
enum LongWork {
    static let count = 400

    static func file() throws -> RequestFile {
        var file = RequestFile()
        var generator = SplitMix(seed: 7)
        for index in 0..<count {
            try file.add(
                "work-\(index)",
                [
                    "prompt": .string(Words.text([5, 20, 60][index % 3], using: &generator)),
                    "max_tokens": .number([40, 80, 120].randomElement(using: &generator)!), "ignore_eos": true,
                    "temperature": .number(Double(index % 2)), "seed": .number(Double(index)),
                ])
        }
        return file
    }
}
