import Scheduling
import Simulation
import Testing

/// Idle time of `separate` where theory says how much there is.
@Suite struct BubbleTests {
    private func run(
        stages: Int, requests: Int, prompt: Int = 8, output: Int, timing: HandTiming? = nil
    ) throws -> SimulatedRun {
        let simulation = PipelineSimulation(
            configuration: EngineConfiguration(
                stages: stages, tokensPerBlock: 8, blockCount: 1000, contextLength: 100, prefillChunk: prompt),
            timing: timing ?? HandTiming(layers: [Int](repeating: 100, count: stages)))
        return try simulation.run(
            [SimulatedRequest](
                repeating: SimulatedRequest(promptTokens: prompt, outputTokens: output), count: requests),
            policy: SeparatePolicy())
    }

    /// m equal micro-batches through P stages: P - 1 turns to fill the pipeline.
    @Test(arguments: [1, 2, 3, 4, 8, 16], [1, 2, 7, 40])
    func prompts(stages: Int, microBatches: Int) throws {
        let run = try run(stages: stages, requests: microBatches, output: 1)
        let turns = microBatches + stages - 1
        #expect(run.counters.microBatches == microBatches)
        #expect(run.end == Instant(nanoseconds: Int64(100 * turns)))
        #expect(abs(run.bubbleRatio - Double(stages - 1) / Double(turns)) < 1e-12)
    }

    /// A lone request keeps one stage busy at a time.
    @Test(arguments: [1, 2, 3, 4, 8, 16])
    func aLoneRequest(stages: Int) throws {
        let run = try run(stages: stages, requests: 1, output: 10)
        #expect(run.end == Instant(nanoseconds: Int64(100 * 10 * stages)))
        #expect(abs(run.bubbleRatio - (1 - 1 / Double(stages))) < 1e-12)
    }

    /// As many requests as stages follow each other around without a gap.
    @Test(arguments: [1, 2, 3, 4, 8, 16])
    func asManyRequestsAsStages(stages: Int) throws {
        let run = try run(stages: stages, requests: stages, output: 10)
        #expect(run.counters.microBatches == 10 * stages)
        #expect(abs(run.bubbleRatio - Double(stages - 1) / Double(10 * stages + stages - 1)) < 1e-12)
    }

    /// One slow stage sets the pace: the others wait for it.
    @Test func anUnevenPipeline() throws {
        let run = try run(stages: 3, requests: 20, output: 1, timing: HandTiming(layers: [50, 200, 100]))
        #expect(run.end == Instant(nanoseconds: 50 + 20 * 200 + 100))
        #expect(run.stages.map(\.busyNanoseconds) == [1000, 4000, 2000])
        #expect(abs(run.bubbleRatio - (1 - 7000.0 / (3 * 4150))) < 1e-12)
    }
}
