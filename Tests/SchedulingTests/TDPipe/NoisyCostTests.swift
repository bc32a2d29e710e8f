import Scheduling
import TestTools
import Testing

/// td-pipe with step costs that were measured in a hurry: the sizes of decode micro-batches must not follow the noise.
@Suite struct NoisyCostTests {
    /// Seconds of a stage: a fixed part, and the same for each row.
    private static func truth(_ load: StepLoad) -> Double {
        2e-3 + 9e-4 * Double(load.tokens) + 1e-7 * Double(load.context)
    }

    /// The points of a short profile, each time off by up to `noise`.
    private func profile(noise: Double, _ random: inout SplitMix) throws -> MeasuredStepCost {
        let prompts = [1, 8, 32, 128].map { StepLoad.prefill(tokens: $0) }
        let decodes = [16, 256].flatMap { context in
            [1, 8, 32].map { StepLoad.decode(sequences: $0, context: $0 * context) }
        }
        var samples: [StepSample] = []
        for load in prompts + decodes {
            samples.append(StepSample(load: load, stageSeconds: (0..<2).map { _ in noisy(load, noise, &random) }))
        }
        return try MeasuredStepCost(samples)
    }

    private func noisy(_ load: StepLoad, _ noise: Double, _ random: inout SplitMix) -> Double {
        Self.truth(load) * (1 + noise * (Double(random.int(0...2000)) / 1000 - 1))
    }

    /// Sequences of each decode micro-batch while all 40 requests decode.
    private func sizes(_ costs: any StepCost, noise: Double, _ random: inout SplitMix) -> [Int] {
        let configuration = EngineConfiguration(stages: 2, tokensPerBlock: 16, blockCount: 2000, contextLength: 4096)
        let policy = TDPipePolicy(costs: costs, lengths: OraclePredictor())
        var core = EngineCore(configuration: configuration, policy: policy)
        var actions: [EngineAction] = []
        for id in 0..<40 {
            let spec = RequestSpec(id: RequestID(id), prompt: Array(repeating: 1, count: 20), maxNewTokens: 60)
            core.handle(.arrived(spec), at: .zero, into: &actions)
        }
        var inFlight: [MicroBatch] = []
        var sizes: [Int] = []
        while core.liveRequests == 40 {
            actions.removeAll()
            core.handle(.schedule, at: .zero, into: &actions)
            for case .dispatch(let batch) in actions {
                inFlight.append(batch)
                if batch.phase == .decode { sizes.append(batch.slices.count) }
            }
            let batch = inFlight.removeFirst()
            var load = StepLoad(tokens: 0, context: 0, sequences: 0)
            for slice in batch.slices { load = load + .prefill(tokens: slice.tokens.count, from: slice.start) }
            let seconds = (0..<2).map { _ in noisy(load, noise, &random) }
            let drawn = batch.slices.map { $0.draws.map { _ in SampledToken(1) } }
            core.handle(.retired(batch.id, drawn, stageSeconds: seconds), at: .zero, into: &actions)
        }
        return sizes
    }

    @Test(arguments: 0..<40)
    func noiseDoesNotMoveTheSizes(seed: Int) throws {
        var random = SplitMix(seed: seed)
        let costs = try profile(noise: 0.15, &random)
        let sizes = sizes(costs, noise: 0.15, &random)
        #expect(sizes.count > 100)
        #expect(sizes.dropFirst(4).allSatisfy { $0 == 20 }, "\(sizes)")
    }

    /// Costs that nobody measured learn from noisy steps alone.
    @Test(arguments: 0..<20)
    func noiseDoesNotMoveTheSizesOfAssumedCosts(seed: Int) throws {
        var random = SplitMix(seed: seed)
        let sizes = sizes(AssumedStepCost(stages: 2), noise: 0.2, &random)
        #expect(sizes.dropFirst(4).allSatisfy { $0 == 20 }, "\(sizes)")
    }

    /// A step in the costs far beyond the noise moves them all the same: up to 16 rows cost half of 17.
    @Test(arguments: 0..<20)
    func aRealStepDoesMoveTheSizes(seed: Int) throws {
        var random = SplitMix(seed: seed)
        var samples: [StepSample] = []
        for rows in [1, 2, 4, 8, 12, 16, 17, 20, 24, 32, 64] {
            let seconds = (0..<2).map { _ in (rows <= 16 ? 1e-2 : 2e-2) * (1 + Double(random.int(0...40)) / 2000) }
            samples.append(StepSample(load: .decode(sequences: rows, context: rows), stageSeconds: seconds))
        }
        let cost = Stairs(table: try MeasuredStepCost(samples))
        var sizes: [Int] = []
        sizes = self.sizes(cost, noise: 0, &random)
        #expect(sizes.dropFirst(8).allSatisfy { $0 == 16 }, "\(sizes)")
    }

    /// A table that learns nothing.
    private struct Stairs: StepCost {
        let table: MeasuredStepCost
        var stages: Int { table.stages }
        func seconds(_ load: StepLoad, on stage: Int) -> Double { table.seconds(load, on: stage) }
        func uncertainty(_ load: StepLoad, on stage: Int) -> Double { table.uncertainty(load, on: stage) }
        mutating func observe(_ load: StepLoad, on stage: Int, seconds: Double) {}
    }

    @Test func theUncertaintyIsThatOfTheSamplesThenOfTheObservations() throws {
        var random = SplitMix(seed: 5)
        let load = StepLoad.decode(sequences: 32, context: 3200)
        var costs = try profile(noise: 0.2, &random)
        let table = costs.uncertainty(load)
        #expect(table > 0.02)
        #expect(costs.uncertainty(load, on: 0) == costs.uncertainty(.decode(sequences: 4, context: 4), on: 0))
        for _ in 0..<100 { costs.observe(load, on: 0, seconds: noisy(load, 0.02, &random)) }
        // Times that repeat within 2 % settle what the table leaves open, at this size and this stage alone.
        #expect(costs.uncertainty(load, on: 0) < 0.01)
        #expect(costs.uncertainty(load, on: 1) == table)
        #expect(costs.uncertainty(.decode(sequences: 4, context: 4), on: 0) == table)
        #expect(TestCost(stages: 2).uncertainty(load) == 0)
    }
}
