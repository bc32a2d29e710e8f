import Scheduling
import Simulation
import Testing

/// Stages that take layers of their neighbours instead of waiting.
@Suite struct LayerPieceTests {
    /// Sixty decode steps of one request in each of two micro-batches, on two stages of unlike speed.
    private func run(layers: [Int], pieces: [Int]) throws -> SimulatedRun {
        var timing = HandTiming(layers: layers)
        timing.layerPieces = pieces
        return try timing.decodeOfTwo(outputTokens: 60)
    }

    /// Each round lasts as long as half of both stages' work, not as long as the slow stage's, but for a piece: at most 10
    /// of 160 pass before the border moves.
    @Test(arguments: [[60, 100], [100, 60]])
    func neitherStageWaits(layers: [Int]) throws {
        let moving = try run(layers: layers, pieces: [10, 10])
        let fixed = try run(layers: layers, pieces: [])
        #expect(moving.counters.microBatches == fixed.counters.microBatches)
        let busy = moving.stages.map(\.busyNanoseconds)
        #expect(busy.reduce(0, +) == fixed.stages.reduce(0) { $0 + $1.busyNanoseconds })
        #expect(moving.bubbleRatio < 0.1, "bubble \(moving.bubbleRatio)")
        #expect(fixed.bubbleRatio > 0.19, "bubble \(fixed.bubbleRatio)")
        #expect(moving.end.seconds(since: .zero) < 0.9 * fixed.end.seconds(since: .zero))
    }

    /// However unlike the stages are, three of ten pieces can change hands, 18 each. The first step of each micro-batch
    /// is a prompt, which moves nothing.
    @Test(arguments: [[20, 180], [180, 20]])
    func aQuarterOfAStageMoves(layers: [Int]) throws {
        let moving = try run(layers: layers, pieces: [10, 10])
        let slow = layers.firstIndex(of: 180)!
        let least: Int64 = 2 * 180 + 118 * (180 - 3 * 18)
        // The first and the last decode step have nothing beside them.
        #expect((least...least + 2 * 3 * 18).contains(moving.stages[slow].busyNanoseconds))
    }

    private func spans(_ layers: [Int], head: [Int] = [0, 0], pieces: [Int], isDecode: Bool) throws -> [Piece] {
        var timing = HandTiming(layers: layers, head: head)
        timing.layerPieces = pieces
        var pipeline = try SimulatedPipeline(
            timing: timing, network: .ideal(stages: layers.count), recordsSpans: true)
        _ = try pipeline.run(
            (0..<2).map { id in
                MicroBatch(
                    id: MicroBatchID(id), phase: isDecode ? .decode : .prefill, slices: MicroBatch(id).slices,
                    isAmongLikeDecodeSteps: isDecode)
            })
        return pipeline.spans.pieces
    }

    /// The first stage ends the second micro-batch at 130 and has nothing else, and the other is at the first one until 145:
    /// it goes on piece by piece, and the second of the other's eight begins at 140.
    @Test func aStageGoesOnPieceByPiece() throws {
        let spans = try spans([65, 80], pieces: [1, 8], isDecode: true)
        #expect(spans == [Piece(0, 0, 0, 65), Piece(0, 1, 65, 150), Piece(1, 0, 65, 145), Piece(1, 1, 150, 210)])
    }

    /// The first stage ends the second micro-batch at 20 and has nothing else, and the other is at the first one until 110:
    /// it goes on with one of the other's four pieces, and no farther.
    @Test func aStageGoesNoFartherThanItReaches() throws {
        let spans = try spans([10, 100], pieces: [1, 4], isDecode: true)
        #expect(spans == [Piece(0, 0, 0, 10), Piece(0, 1, 10, 45), Piece(1, 0, 10, 110), Piece(1, 1, 110, 185)])
    }

    /// The second stage waits from 0 on, and the second micro-batch is there: the first one goes over before the last of
    /// four pieces. The second one stays, since nothing comes after it.
    @Test func aStageThatWaitsGetsTheRest() throws {
        let spans = try spans([100, 10], pieces: [4, 1], isDecode: true)
        #expect(spans == [Piece(0, 0, 0, 75), Piece(0, 1, 75, 175), Piece(1, 0, 75, 110), Piece(1, 1, 175, 185)])
    }

    /// The first stage has computed all layers of the second micro-batch when the last one comes to it: that computes the
    /// head alone.
    @Test func theHeadIsTheLastStagesWhoeverComputedTheLayers() throws {
        let spans = try spans([10, 100], head: [0, 7], pieces: [1, 1], isDecode: true)
        #expect(
            spans == [
                Piece(0, 0, 0, 10), Piece(0, 1, 10, 120), Piece(1, 0, 10, 110), Piece(1, 0, .head, 110, 117),
                Piece(1, 1, .head, 120, 127),
            ])
    }

    /// Prompts keep their order in each layer.
    @Test(arguments: [[10, 100], [100, 10]])
    func theBorderStaysForPrompts(layers: [Int]) throws {
        let moving = try spans(layers, pieces: [5, 5], isDecode: false)
        #expect(try moving == spans(layers, pieces: [], isDecode: false))
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func everyLayerIsComputedOnceInEveryWorld(block: UInt64) throws {
        for seed in block * 50..<(block + 1) * 50 {
            let world = World(seed: seed, movesBorders: true)
            let run = try world.run()
            let note: Comment = "seed \(seed), \(world.policy), \(world.configuration.stages) stages"
            for (request, outcome) in zip(world.requests, run.requests) {
                try #require(outcome.generated == request.outputTokens && outcome.refusal == nil, note)
            }
            var seconds = [Int64](repeating: 0, count: run.counters.microBatches)
            for span in run.recording.spans where span.work == .layers {
                seconds[span.microBatch.rawValue] += span.end.nanoseconds - span.begin.nanoseconds
            }
            let rounding = world.timing.layerPieces.reduce(0, +)
            for (step, seconds) in zip(run.recording.steps, seconds) {
                let tokens = step.prefillTokens + step.decodeTokens
                let expected = world.timing.layers.reduce(0) { $0 + $1 + world.timing.perToken * tokens }
                try #require(abs(Int(seconds) - expected) <= rounding, note)
            }
            for stage in run.stages.indices {
                let spans = run.recording.spans.filter { $0.stage.rawValue == stage }
                try #require(zip(spans, spans.dropFirst()).allSatisfy { $0.end <= $1.begin }, note)
            }
        }
    }

    @Test func aStageHasAPieceAtLeast() throws {
        for pieces in [[1], [0, 1], [1, -1]] {
            var timing = HandTiming(layers: [10, 10])
            timing.layerPieces = pieces
            let made = code { () throws(SimulationError) in
                _ = try SimulatedPipeline(timing: timing, network: SimulatedNetwork.ideal(stages: 2))
            }
            #expect(made == .invalidSetting)
        }
    }
}
