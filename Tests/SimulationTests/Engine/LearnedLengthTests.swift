import Foundation
import Scheduling
import Simulation
import Testing

/// td-pipe with the forecasts of a trained predictor, on answers that it did not learn from: lengths of 671 answers of
/// SmolLM2-135M to ShareGPT prompts (greedy, at most 512 tokens), as `tideway predictor evaluate --workload` wrote them.
@Suite struct LearnedLengthTests {
    private let requests: [SimulatedRequest]

    init() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/answers.csv").path
        let text = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
        requests = try text.split(separator: "\n").dropFirst().map { line in
            let cells = line.split(separator: ",")
            let forecast = LengthForecast(cells[2].split(separator: " ").compactMap { Int($0) })
            return SimulatedRequest(
                promptTokens: try #require(Int(cells[0])), outputTokens: try #require(Int(cells[1])),
                forecast: forecast)
        }
    }

    /// Two stages of 3 ms and 0.56 ms a row, and a pool for a tenth of all tokens.
    private func run(_ lengths: any LengthPredictor) throws -> SimulatedRun {
        let timing = HandTiming(layers: [3_000_000, 3_000_000], perToken: 560_000, head: [80_000, 80_000])
        let tokens = requests.reduce(0) { $0 + $1.promptTokens + $1.outputTokens }
        let simulation = PipelineSimulation(
            configuration: EngineConfiguration(
                stages: 2, tokensPerBlock: 16, blockCount: tokens / 160, contextLength: 2048, prefillChunk: 512),
            timing: timing)
        return try simulation.run(
            requests, policyNamed: "td-pipe", settings: PolicySettings(costs: KnownStepCost(timing), lengths: lengths))
    }

    @Test func learnedForecastsAreWorthNearlyAsMuchAsTheTruth() throws {
        let oracle = try run(OraclePredictor())
        let learned = try run(LearnedPredictor(respectsLimit: false))
        #expect(oracle.counters.preemptions == 0)
        #expect(oracle.end.seconds / learned.end.seconds > 0.97)
        let mean = requests.reduce(0) { $0 + $1.outputTokens } / requests.count
        let others: [any LengthPredictor] = [
            ConstantPredictor(tokens: mean, respectsLimit: false), PromptLengthPredictor(respectsLimit: false),
            HistoryPredictor(respectsLimit: false),
        ]
        for predictor in others {
            let run = try run(predictor)
            #expect(learned.end < run.end, "\(predictor.name)")
            #expect(learned.counters.recomputedTokens < run.counters.recomputedTokens, "\(predictor.name)")
        }
    }
}
