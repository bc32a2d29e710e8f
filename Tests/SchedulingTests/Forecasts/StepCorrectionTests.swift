import Scheduling
import TestTools
import Testing

/// What step costs learn from a run.
@Suite struct StepCorrectionTests {
    private func load(_ tokens: Int) -> StepLoad { StepLoad(tokens: tokens, context: 0, sequences: 0) }

    /// Two equal stages that take a second for any micro-batch.
    private func table() throws -> MeasuredStepCost {
        try MeasuredStepCost([1, 4096].map { StepSample(load: load($0), stageSeconds: [1, 1]) })
    }

    @Test func followsWhatIsObserved() throws {
        var cost = try table()
        for _ in 0..<200 { cost.observe(load(100), on: 0, seconds: 3) }
        #expect(abs(cost.seconds(load(100), on: 0) - 3) < 0.01)
        // Nothing was seen of other sizes: they are as much slower. The other stage is what it was.
        for tokens in [1, 70, 128, 4096, 1_000_000] {
            #expect(abs(cost.seconds(load(tokens), on: 0) - 3) < 0.7, "\(tokens)")
            #expect(cost.seconds(load(tokens), on: 1) == 1)
        }
        // Large micro-batches turn out to be as the table says; small ones stay.
        for _ in 0..<400 {
            cost.observe(load(2000), on: 0, seconds: 1)
            cost.observe(load(100), on: 0, seconds: 3)
        }
        #expect(abs(cost.seconds(load(2000), on: 0) - 1) < 0.02)
        #expect(abs(cost.seconds(load(100), on: 0) - 3) < 0.05)
    }

    @Test func aLoadIsCorrectedForItsOwnTable() throws {
        // Twice as slow as the table at every size, the table not level.
        var cost = try MeasuredStepCost([1, 64, 2048].map { StepSample(load: load($0), stageSeconds: [Double($0)]) })
        var random = SplitMix(seed: 1)
        for _ in 0..<3000 {
            let tokens = random.int(1...2048)
            cost.observe(load(tokens), on: 0, seconds: 2 * Double(tokens))
        }
        for tokens in [1, 3, 17, 500, 2048, 9000] {
            #expect(abs(cost.seconds(load(tokens), on: 0) / Double(tokens) - 2) < 0.1, "\(tokens)")
        }
    }

    @Test func oneOutlierIsNothing() throws {
        for seconds in [1e-9, 1e9] {
            var cost = try table()
            cost.observe(load(256), on: 1, seconds: seconds)
            let after = cost.seconds(load(256), on: 1)
            #expect(after != 1 && abs(after - 1) <= 1.0 / 16 + 1e-12)
        }
    }

    @Test func aRunOfOutliersHasABound() throws {
        var cost = try table()
        for _ in 0..<10_000 { cost.observe(load(256), on: 0, seconds: 1e9) }
        #expect(cost.seconds(load(256), on: 0) == 16)
        for _ in 0..<10_000 { cost.observe(load(256), on: 0, seconds: 1e-9) }
        #expect(cost.seconds(load(256), on: 0) == 1.0 / 16)
    }

    @Test func whatIsNoTimeIsPassedOver() throws {
        var cost = try table()
        for seconds in [0, -1, .nan, .infinity] { cost.observe(load(8), on: 0, seconds: seconds) }
        for stage in [-1, 2, .max] { cost.observe(load(8), on: stage, seconds: 5) }
        #expect(cost.seconds(load(8), on: 0) == 1 && cost.seconds(load(8), on: 1) == 1)
    }

    @Test func noiseAveragesOut() throws {
        var cost = try table()
        var random = SplitMix(seed: 3)
        for _ in 0..<2000 { cost.observe(load(48), on: 0, seconds: Double(random.int(80...120)) / 100) }
        #expect(abs(cost.seconds(load(48), on: 0) - 1) < 0.06)
    }

    /// Whatever was observed, neighbouring sizes cost nearly the same where the table does not jump.
    @Test(arguments: 0..<20)
    func thereAreNoJumps(seed: Int) throws {
        var cost = try table()
        var random = SplitMix(seed: seed)
        for _ in 0..<300 {
            let tokens = random.element([random.int(1...8), random.int(1...256), random.int(1...4096)])
            cost.observe(load(tokens), on: 0, seconds: Double(random.int(1...400)) / 100)
        }
        for tokens in 1..<4096 {
            let step = cost.seconds(load(tokens + 1), on: 0) - cost.seconds(load(tokens), on: 0)
            // From one power of two to the next the factor changes by at most 16, in equal steps.
            #expect(abs(step) <= 16.0 / Double(tokens) && cost.seconds(load(tokens), on: 0) > 0)
            if tokens >= 512 { #expect(abs(step) < 0.02) }
        }
    }

    @Test func anAssumedCostFindsItsSize() {
        var cost = AssumedStepCost(stages: 3)
        #expect(cost.stages == 3)
        #expect(cost.seconds(load(100), on: 0) == cost.seconds(load(100), on: 2))
        let decode = StepLoad.decode(sequences: 32, context: 32 * 200)
        let assumed = cost.seconds(decode, on: 1)
        #expect(abs(assumed - (1e-4 + 32 * 8e-4 + 6400 * 1.2e-7 + 32 * 2e-4)) < 1e-12)
        // A machine a thousand times as fast, with a last stage twice as slow as the others.
        for _ in 0..<200 {
            for stage in 0..<3 { cost.observe(decode, on: stage, seconds: assumed / (stage == 2 ? 500 : 1000)) }
        }
        #expect(abs(cost.slowest(decode) / assumed * 500 - 1) < 0.01)
        #expect(abs(cost.total(decode) / assumed * 250 - 1) < 0.01)
        cost.observe(decode, on: 3, seconds: 1)
        #expect(abs(cost.total(decode) / assumed * 250 - 1) < 0.01)
    }
}
