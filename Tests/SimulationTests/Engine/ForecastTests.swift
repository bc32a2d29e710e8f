import Scheduling
import Simulation
import Testing

/// What policies are told of a simulated world.
@Suite struct ForecastTests {
    @Test func theKnownCostIsTheTimingItself() {
        var cost = KnownStepCost(HandTiming(layers: [10, 20], perToken: 2, head: [0, 5]))
        let load = StepLoad.decode(sequences: 3, context: 100)
        #expect(cost.stages == 2)
        #expect((cost.seconds(load, on: 0) * 1e9).rounded() == 16)
        #expect((cost.seconds(load, on: 1) * 1e9).rounded() == 41)
        cost.observe(load, on: 0, seconds: 1)
        #expect((cost.seconds(load, on: 0) * 1e9).rounded() == 16)
        #expect(KnownStepCost(HandTiming(layers: [0])).seconds(load, on: 0) == 1e-9)
    }

    @Test func predictionsAreThoseOfTheWorkload() {
        var lengths = PredictedLengths([
            SimulatedRequest(promptTokens: 1, outputTokens: 50, predictedTokens: 30),
            SimulatedRequest(promptTokens: 1, outputTokens: 50),
        ])
        func answer(_ request: Int, generated: Int) -> Int {
            let facts = AnswerFacts(request: RequestID(request), promptTokens: 1, generated: generated, limit: 50)
            return lengths.answerTokens(facts)
        }
        #expect(answer(0, generated: 0) == 30)
        #expect(answer(0, generated: 29) == 30)
        #expect(answer(0, generated: 30) == 31)
        #expect(answer(0, generated: 60) == 61)
        #expect(answer(1, generated: 0) == 50)
        #expect(answer(7, generated: 0) == 50)
        #expect(!lengths.isExact)
        #expect(
            PredictedLengths([
                SimulatedRequest(promptTokens: 1, outputTokens: 5, predictedTokens: 5),
                SimulatedRequest(promptTokens: 1, outputTokens: 9),
            ]).isExact)
        lengths.observe(promptTokens: 1, generated: 9)
        #expect(answer(0, generated: 0) == 30)
    }

    /// td-pipe admits by predicted lengths: with true ones nothing is preempted, with ones far too short something is.
    @Test func policiesUseThePredictions() throws {
        func preemptions(predicted: Int?) throws -> Int {
            let requests = [SimulatedRequest](
                repeating: SimulatedRequest(promptTokens: 8, outputTokens: 60, predictedTokens: predicted), count: 40)
            let timing = HandTiming(layers: [1000, 1000], perToken: 10)
            let simulation = PipelineSimulation(
                configuration: EngineConfiguration(stages: 2, tokensPerBlock: 4, blockCount: 150, contextLength: 100),
                timing: timing)
            return try simulation.run(
                requests, policyNamed: "td-pipe",
                settings: PolicySettings(costs: KnownStepCost(timing), lengths: PredictedLengths(requests))
            ).counters.preemptions
        }
        #expect(try preemptions(predicted: nil) == 0)
        #expect(try preemptions(predicted: 2) > 0)
    }
}
