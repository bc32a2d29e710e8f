import Scheduling
import Simulation
import Testing

/// Tiny pipelines, each nanosecond worked out by hand.
@Suite struct SimulatedPipelineTests {
    @Test func aStageGoesOnWhileItsActivationsTravel() throws {
        let link = SimulatedLink(latencySeconds: 5e-9, bytesPerSecond: 1e9)
        var pipeline = try SimulatedPipeline(
            timing: HandTiming(layers: [10, 20], bytesPerToken: 3),
            network: SimulatedNetwork(stages: 2, link: link, dispatchSeconds: 2e-9, retireSeconds: 4e-9),
            recordsSpans: true)
        let heard = try pipeline.run((0..<3).map { MicroBatch($0) })
        #expect(
            pipeline.spans.pieces == [
                Piece(0, 0, 2, 12), Piece(0, 1, 12, 22), Piece(0, 2, 22, 32),
                Piece(1, 0, 20, 40), Piece(1, 1, 40, 60), Piece(1, 2, 60, 80),
            ])
        #expect(heard == [Heard(0, at: 44), Heard(1, at: 64), Heard(2, at: 84)])
        #expect(pipeline.linkNanoseconds == [9, 0])
        #expect(pipeline.microBatchesInFlight == 0 && pipeline.nextTime == nil)
    }

    @Test func timesDependOnTheRows() throws {
        var pipeline = try SimulatedPipeline(
            timing: HandTiming(layers: [1, 2], perToken: 10, head: [0, 100]), network: .ideal(stages: 2),
            recordsSpans: true)
        let heard = try pipeline.run([MicroBatch(0, tokens: [3, 2])])
        #expect(pipeline.spans.pieces == [Piece(0, 0, 0, 51), Piece(1, 0, 51, 103), Piece(1, 0, .head, 103, 303)])
        #expect(heard == [Heard(0, at: 303)])
    }

    @Test func sharesOfTheHeadGoBeforeLayers() throws {
        var pipeline = try SimulatedPipeline(
            timing: HandTiming(layers: [10, 10], head: [3, 4]), network: .ideal(stages: 2), recordsSpans: true)
        let heard = try pipeline.run((0..<3).map { MicroBatch($0) })
        #expect(
            pipeline.spans.pieces == [
                Piece(0, 0, 0, 10), Piece(0, 1, 10, 20), Piece(0, 0, .head, 20, 23), Piece(0, 2, 23, 33),
                Piece(0, 1, .head, 34, 37), Piece(0, 2, .head, 48, 51),
                Piece(1, 0, 10, 20), Piece(1, 0, .head, 20, 24), Piece(1, 1, 24, 34), Piece(1, 1, .head, 34, 38),
                Piece(1, 2, 38, 48), Piece(1, 2, .head, 48, 52),
            ])
        #expect(heard == [Heard(0, at: 24), Heard(1, at: 38), Heard(2, at: 52)])
        #expect(pipeline.stageUse.map(\.busyNanoseconds) == [39, 42])
        #expect(pipeline.stageUse.map(\.headNanoseconds) == [9, 12])
        #expect(pipeline.stageUse[1].first == Instant(nanoseconds: 10))
        #expect(pipeline.stageUse[0].last == Instant(nanoseconds: 51))
    }

    @Test func rowsOfTheHeadTravelToo() throws {
        let rows = SimulatedLink(latencySeconds: 7e-9, bytesPerSecond: 1e9)
        var pipeline = try SimulatedPipeline(
            timing: HandTiming(layers: [10, 10, 10], head: [1, 0, 1], bytesPerToken: 4),
            network: SimulatedNetwork(forward: [.ideal, .ideal], toHeads: [rows, rows]), recordsSpans: true)
        // 9 tokens pass the layers, but the rows of 2 sequences go to the head, and only where it costs something.
        let heard = try pipeline.run([MicroBatch(0, tokens: [4, 5])])
        #expect(
            pipeline.spans.pieces.filter { $0.work == .head } == [
                Piece(0, 0, .head, 45, 47), Piece(2, 0, .head, 30, 32),
            ])
        #expect(heard == [Heard(0, at: 47)])
        #expect(pipeline.linkNanoseconds == [0, 0, 8, 0])
    }

    @Test func microBatchesRetireInTheirOrder() throws {
        var pipeline = try SimulatedPipeline(
            timing: HandTiming(layers: [10, 10], head: [100, 0]), network: .ideal(stages: 2), recordsSpans: true)
        // The second draws nothing and is done at 30, the first has to wait for its share of the head.
        let heard = try pipeline.run([MicroBatch(0), MicroBatch(1, draws: false)])
        #expect(pipeline.spans.pieces.filter { $0.stage == 1 }.map(\.to) == [20, 30])
        #expect(heard == [Heard(0, at: 120), Heard(1, at: 120)])
    }

    @Test func tellsTokensAndSecondsOfEachStage() throws {
        var pipeline = try SimulatedPipeline(
            timing: HandTiming(layers: [10, 20], head: [3, 4]), network: .ideal(stages: 2))
        try pipeline.dispatch(MicroBatch(0, tokens: [1, 1]), at: .zero)
        try pipeline.dispatch(MicroBatch(1, draws: false), at: .zero)
        let first = try pipeline.nextRetirements()
        #expect(first.map(\.tokens) == [[[SampledToken(0)], [SampledToken(0)]]])
        #expect(first.first?.stageSeconds.map { ($0 * 1e9).rounded() } == [16, 28])
        let second = try pipeline.nextRetirements()
        #expect(second.map(\.tokens) == [[[]]])
        #expect(second.first?.stageSeconds.map { ($0 * 1e9).rounded() } == [10, 20])
        #expect(pipeline.spans.isEmpty)
        #expect(try pipeline.nextRetirements().isEmpty)
    }

    @Test func advancesNoFurtherThanItIsTold() throws {
        var pipeline = try SimulatedPipeline(
            timing: HandTiming(layers: [10, 10]), network: .ideal(stages: 2), recordsSpans: true)
        try pipeline.dispatch(MicroBatch(0), at: Instant(nanoseconds: 5))
        try pipeline.advance(to: Instant(nanoseconds: 14))
        #expect(pipeline.spans.isEmpty && pipeline.nextTime == Instant(nanoseconds: 15))
        try pipeline.advance(to: Instant(nanoseconds: 15))
        #expect(pipeline.spans.pieces == [Piece(0, 0, 5, 15)])
        try pipeline.advance(to: Instant(nanoseconds: 1000))
        #expect(pipeline.now == Instant(nanoseconds: 1000))
        #expect(pipeline.takeRetirements().map(\.time) == [Instant(nanoseconds: 25)])
    }

    /// Work without duration must not keep the clock from going on, nor change the order.
    @Test func nothingNeedsTakeTime() throws {
        var pipeline = try SimulatedPipeline(
            timing: HandTiming(layers: [0, 0, 0]), network: .ideal(stages: 3), recordsSpans: true)
        let heard = try pipeline.run((0..<4).map { MicroBatch($0) })
        #expect(heard == (0..<4).map { Heard($0, at: 0) })
        #expect(pipeline.spans.count == 12)
    }
}
