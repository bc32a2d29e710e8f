import Scheduling
import Testing

/// Prompts beside decode steps, where the step costs say that this is faster.
@Suite struct PiggybackTests {
    private func outlook(
        sequences: Int, prompt: Int, steps: Double = 100, peakRate: Double = 1, isFull: Bool = false
    ) -> Piggyback.Outlook {
        Piggyback.Outlook(
            sequences: sequences, context: 1000, peakRate: peakRate, unit: 512, promptTokens: prompt,
            answerSteps: steps, limit: 512, isFull: isFull)
    }

    /// Weights are read in the time of 128 tokens. 32 decode steps use a quarter of it, and are half of what the pool can
    /// hold: beside prompts they save half a read of the weights in each micro-batch.
    @Test func promptsRideAlongWhereWeightsWouldBeReadTwice() {
        let costs = WeightBoundCost(stages: 2, knee: 128)
        let peak = 64 / costs.slowest(.decode(sequences: 64, context: 64))
        let size = Piggyback.size(outlook(sequences: 32, prompt: 2000, peakRate: peak), costs)
        #expect(size == 128, "the least size at which the time of the weights is used")
    }

    /// Micro-batches of decode steps that use all of the time gain nothing from company.
    @Test func nothingRidesAlongWithFullMicroBatches() {
        let costs = WeightBoundCost(stages: 2, knee: 128)
        let peak = 256 / costs.slowest(.decode(sequences: 256, context: 256))
        for sequences in [128, 200, 256] {
            #expect(Piggyback.size(outlook(sequences: sequences, prompt: 2000, peakRate: peak), costs) == nil)
        }
    }

    /// Where the pool is full, twice as many prompt tokens ride along as requests end, on average.
    @Test func aFullPoolBoundsThePromptTokens() {
        let costs = WeightBoundCost(stages: 2, knee: 1024)
        let peak = 64 / costs.slowest(.decode(sequences: 64, context: 64))
        let full = outlook(sequences: 64, prompt: 100, steps: 100, peakRate: peak, isFull: true)
        #expect(full.flow == 128)
        #expect(Piggyback.size(full, costs) == 192)
        #expect(outlook(sequences: 64, prompt: 100, steps: 100, peakRate: peak).flow == 512)
    }

    private func run(_ options: String) throws -> PolicyRun {
        let policy = TDPipePolicy(
            costs: WeightBoundCost(stages: 2, knee: 128), lengths: OraclePredictor(),
            options: try TDPipeOptions(parsing: options))
        var run = PolicyRun(stages: 2, tokensPerBlock: 16, blocks: 400, chunk: 256, policy: policy, issuesAhead: true)
        for id in 0..<40 { run.arrive(id, prompt: 400, answer: 60) }
        try run.finish()
        return run
    }

    @Test func longPromptsRideAlongAndPhasesStayPureWhenAsked() throws {
        let mixed = try run("")
        #expect(mixed.batches.contains { $0.prefillTokens > 0 && !$0.decoding.isEmpty })
        #expect(mixed.ended.count == 40)
        let pure = try run("piggyback=off")
        #expect(pure.batches.allSatisfy { $0.prefillTokens == 0 || $0.decoding.isEmpty })
        // Each of the stages is busy for the time of 128 tokens at least, so fewer micro-batches take less time.
        #expect(mixed.batches.count < pure.batches.count)
    }
}
