import Scheduling
import Simulation
import Testing

/// Stages that take the output head's work from each other.
@Suite struct HeadPieceTests {
    /// Ten decode steps of one request in each of two micro-batches, on two stages of unlike speed.
    private func run(layers: [Int], head: [Int], pieces: Int) throws -> SimulatedRun {
        var timing = HandTiming(layers: layers, head: head)
        timing.headPieces = pieces
        return try timing.decodeOfTwo(outputTokens: 10)
    }

    /// The last stage is ahead by 40 of 100: it takes 60 of the head's 80 before the first one comes, which takes the
    /// other 20, and both end together. With fixed shares the head would end 20 later.
    @Test func theStageThatIsAheadTakesMore() throws {
        let shared = try run(layers: [100, 60], head: [40, 40], pieces: 8)
        let fixed = try run(layers: [100, 60], head: [40, 40], pieces: 1)
        #expect(shared.counters.microBatches == fixed.counters.microBatches)
        #expect(shared.end < fixed.end)
        let busy = shared.stages.map(\.busyNanoseconds)
        #expect(busy.reduce(0, +) == fixed.stages.reduce(0) { $0 + $1.busyNanoseconds })
        #expect(shared.stages[1].headNanoseconds > shared.stages[0].headNanoseconds)
        #expect(fixed.stages[1].headNanoseconds == fixed.stages[0].headNanoseconds)
        // From the second turn on both stages are busy all the time: what idles is the filling and the last drain.
        #expect(shared.bubbleRatio < 0.08 && fixed.bubbleRatio > 0.12)
    }

    /// Whoever has no share has no weights of the head, and takes nothing.
    @Test func aStageWithoutAShareTakesNothing() throws {
        let run = try run(layers: [100, 60], head: [0, 80], pieces: 8)
        #expect(run.stages[0].headNanoseconds == 0)
        #expect(run.stages[1].headNanoseconds == 20 * 80)
    }

    /// Pieces of one head that follow each other are one span.
    @Test func spans() throws {
        let run = try run(layers: [100, 60], head: [40, 40], pieces: 8)
        let heads = run.recording.spans.filter { $0.work == .head }
        #expect(heads.count <= 2 * run.counters.microBatches)
        for stage in 0..<2 {
            let all = run.recording.spans.filter { $0.stage == StageID(stage) }
            #expect(zip(all, all.dropFirst()).allSatisfy { $0.end <= $1.begin })
            #expect(
                all.reduce(0) { $0 + $1.end.nanoseconds - $1.begin.nanoseconds } == run.stages[stage].busyNanoseconds)
        }
    }
}
