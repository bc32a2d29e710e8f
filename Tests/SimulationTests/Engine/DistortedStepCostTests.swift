import Foundation
import Scheduling
import Simulation
import Testing

@Suite struct DistortedStepCostTests {
    /// Steps of a microsecond on each stage, whatever their size.
    private func cost(error: Double, seed: UInt64 = 1, stages: Int = 2) throws -> DistortedStepCost {
        try DistortedStepCost(
            HandTiming(layers: [Int](repeating: 1000, count: stages)), error: error, seed: seed)
    }

    private func load(_ tokens: Int) -> StepLoad { StepLoad(tokens: tokens, context: 7 * tokens, sequences: 1) }

    /// The factor that the profile is off by.
    private func factor(_ cost: DistortedStepCost, _ tokens: Int, on stage: Int = 0) -> Double {
        cost.seconds(load(tokens), on: stage) / 1e-6
    }

    @Test func withoutErrorItIsTheMachineItself() throws {
        let timing = HandTiming(layers: [10, 20], perToken: 2, head: [0, 5])
        let (cost, known) = (try DistortedStepCost(timing, error: 0, seed: 3), KnownStepCost(timing))
        #expect(cost.stages == 2)
        for tokens in [1, 3, 64, 100_000] {
            for stage in 0..<2 {
                #expect(cost.seconds(load(tokens), on: stage) == known.seconds(load(tokens), on: stage))
            }
        }
    }

    @Test func factorsAreLogNormalForEachStageAndPowerOfTwo() throws {
        let cost = try cost(error: 0.5, stages: 64)
        let logarithms = (0..<64).flatMap { stage in
            (0..<31).map { log(factor(cost, 1 << $0, on: stage)) }
        }
        let mean = logarithms.reduce(0, +) / Double(logarithms.count)
        let variance = logarithms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(logarithms.count)
        #expect(abs(mean) < 0.05 && abs(variance.squareRoot() - 0.5) < 0.03)
        #expect(Set(logarithms).count == logarithms.count)
    }

    @Test func betweenPowersOfTwoTheyAreInterpolated() throws {
        let cost = try cost(error: 1)
        for knot in [2, 64, 4096] {
            let (low, high) = (factor(cost, knot), factor(cost, 2 * knot))
            #expect(abs(factor(cost, knot + knot / 2) - (low + high) / 2) < 1e-9 * (low + high))
        }
        #expect(factor(cost, 1 << 40) == factor(cost, 1 << 31))
    }

    @Test func seedsDecide() throws {
        #expect(try factor(cost(error: 1), 64) == factor(cost(error: 1), 64))
        #expect(try factor(cost(error: 1), 64) != factor(cost(error: 1, seed: 2), 64))
    }

    /// As with a measured profile: the sizes that a run observes become right, on the stage that observed them.
    @Test func observationsCorrectTheProfile() throws {
        var cost = try cost(error: 0.7)
        let (before, other) = (factor(cost, 64), factor(cost, 64, on: 1))
        #expect(abs(before - 1) > 0.05, "this seed is off at 64 tokens")
        for _ in 0..<200 { cost.observe(load(64), on: 0, seconds: 1e-6) }
        #expect(abs(factor(cost, 64) - 1) < 0.01 && factor(cost, 64, on: 1) == other)
        #expect(cost.uncertainty(load(64), on: 0) < cost.uncertainty(load(64), on: 1))
        // A stage that is not there, and a time that is none, teach nothing.
        let learned = factor(cost, 64)
        cost.observe(load(64), on: 0, seconds: 0)
        #expect(factor(cost, 64) == learned)
    }

    @Test(arguments: [-0.1, 4.1, .nan, .infinity])
    func impossibleErrorsAreRefused(error: Double) {
        let thrown = #expect(throws: SimulationError.self) { try cost(error: error) }
        #expect(thrown?.message.contains("0...4") == true)
    }
}
