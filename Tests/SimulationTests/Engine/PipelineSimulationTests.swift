import Scheduling
import Simulation
import Testing

/// The core under the virtual clock, each nanosecond worked out by hand. A micro-batch takes 10 ns and 1 ns a row.
@Suite struct PipelineSimulationTests {
    private func simulation(
        stages: Int = 1, network: SimulatedNetwork? = nil, options: SimulationOptions = .init()
    ) -> PipelineSimulation {
        PipelineSimulation(
            configuration: EngineConfiguration(stages: stages, tokensPerBlock: 4, blockCount: 100, contextLength: 50),
            timing: HandTiming(layers: [Int](repeating: 10, count: stages), perToken: 1), network: network,
            options: options)
    }

    private func request(_ arrival: Int64 = 0, prompt: Int = 4, output: Int) -> SimulatedRequest {
        SimulatedRequest(
            arrival: Instant(nanoseconds: arrival), promptTokens: prompt, outputTokens: output)
    }

    private func times(_ run: SimulatedRun) -> [[Int64?]] {
        run.requests.map { [$0.arrival.nanoseconds, $0.firstToken?.nanoseconds, $0.end?.nanoseconds] }
    }

    @Test func oneRequest() throws {
        let run = try simulation().run([request(output: 3)], policy: SeparatePolicy())
        // The prompt takes 14 ns, each of two decode steps 11 ns.
        #expect(times(run) == [[0, 14, 36]])
        #expect(run.end == Instant(nanoseconds: 36))
        #expect(run.recording.spans.pieces == [Piece(0, 0, 0, 14), Piece(0, 1, 14, 25), Piece(0, 2, 25, 36)])
        #expect(run.recording.steps.map(\.phase) == [.prefill, .decode, .decode])
        #expect(run.recording.steps.map(\.retired.nanoseconds) == [14, 25, 36])
        #expect(run.promptTokens == 4 && run.outputTokens == 3 && run.scheduledTokens == 6)
        #expect(run.counters.microBatches == 3 && run.phaseSwitches == 1)
        #expect(run.bubbleRatio == 0)
        let outcome = try #require(run.requests.first)
        #expect(abs(try #require(outcome.secondsToFirstToken) - 14e-9) < 1e-15)
        #expect(abs(try #require(outcome.secondsPerToken) - 11e-9) < 1e-15)
        #expect(outcome.end?.nanoseconds == 36)
        #expect(abs(run.totalTokensPerSecond - 7 / 36e-9) < 1)
        #expect(abs(run.outputTokensPerSecond - 3 / 36e-9) < 1)
    }

    @Test func aRequestThatComesLaterWaitsForThePipeline() throws {
        let run = try simulation().run(
            [request(output: 3), request(20, prompt: 2, output: 2)], policy: SeparatePolicy())
        // 14-25 decodes the first, 25-37 is the second's prompt, 37-49 decodes both.
        #expect(times(run) == [[0, 14, 49], [20, 37, 49]])
    }

    /// 14-25-49 of the first request and 37-49 of the second: gaps of 11, 24 and 12 ns.
    @Test func gapsBetweenTokensAreCountedForEachRequest() throws {
        let run = try simulation().run(
            [request(output: 3), request(20, prompt: 2, output: 2)], policy: SeparatePolicy())
        let gaps = run.tokenGaps
        #expect(gaps.count == 3 && gaps.longest == 24)
        #expect(gaps.nanoseconds(percentile: 50) == 12 && gaps.nanoseconds(percentile: 99) == 24)
        let single = try simulation().run([request(output: 1), request(20, output: 1)], policy: SeparatePolicy())
        #expect(single.tokenGaps.count == 0 && single.tokenGaps.nanoseconds(percentile: 50) == nil)
    }

    @Test func anIdlePipelineWaitsForRequests() throws {
        let run = try simulation().run(
            [request(100, output: 1), request(30, output: 1)], policy: SeparatePolicy())
        #expect(times(run) == [[100, 114, 114], [30, 44, 44]])
        // From 30 to 114, of which 28 are busy.
        #expect(abs(run.bubbleRatio - (1 - 28.0 / 84)) < 1e-12)
    }

    @Test func messagesTakeTheirTime() throws {
        let network = SimulatedNetwork(stages: 1, link: .ideal, dispatchSeconds: 3e-9, retireSeconds: 2e-9)
        let run = try simulation(network: network).run([request(output: 2)], policy: SeparatePolicy())
        #expect(run.recording.spans.pieces == [Piece(0, 0, 3, 17), Piece(0, 1, 22, 33)])
        #expect(times(run) == [[0, 19, 35]])
        #expect(run.recording.steps.map(\.dispatched.nanoseconds) == [0, 19])
    }

    @Test func theControllerTakesTimeForEachMicroBatch() throws {
        var options = SimulationOptions()
        options.controllerSeconds = 5e-9
        let one = try simulation(options: options).run([request(output: 2)], policy: SeparatePolicy())
        #expect(one.recording.spans.pieces == [Piece(0, 0, 5, 19), Piece(0, 1, 24, 35)])
        // Two prompts that do not fit one micro-batch leave at 30 and at 60.
        options.controllerSeconds = 30e-9
        var two = simulation(stages: 2, options: options)
        two.configuration.prefillChunk = 4
        let run = try two.run([request(output: 1), request(output: 1)], policy: SeparatePolicy())
        #expect(run.recording.spans.pieces.map(\.from) == [30, 60, 44, 74])
        // The first is heard of at 58, while the controller is still busy with the second.
        #expect(times(run) == [[0, 60, 60], [0, 88, 88]])
    }

    @Test func whatComesWhileTheControllerWorksWaits() throws {
        var options = SimulationOptions()
        options.controllerSeconds = 50e-9
        var slow = simulation(stages: 2, options: options)
        slow.timing = HandTiming(layers: [10, 10])
        let run = try slow.run([request(output: 1), request(10, output: 1)], policy: SeparatePolicy())
        // The second arrives at 10, is seen at 50 and leaves at 100.
        #expect(run.recording.steps.map(\.dispatched.nanoseconds) == [0, 50])
        #expect(run.recording.spans.pieces.filter { $0.stage == 0 }.map(\.from) == [50, 100])
        #expect(times(run) == [[0, 100, 100], [10, 120, 120]])
    }

    @Test func aClosedLoopSendsWhenAnAnswerHasEnded() throws {
        var options = SimulationOptions()
        options.clients = 2
        let requests = [request(output: 1), request(output: 2), request(output: 1), request(1000, output: 1)]
        let run = try simulation(options: options).run(requests, policy: SeparatePolicy())
        // 0-18 two prompts, 18-32 the third prompt, 32-43 the second's decode step.
        #expect(times(run) == [[0, 18, 18], [0, 18, 43], [18, 32, 32], [1000, 1014, 1014]])
    }

    @Test func onlyTheLookaheadWaitsInTheCore() throws {
        var options = SimulationOptions()
        options.lookahead = 2
        var narrow = simulation(options: options)
        narrow.configuration.maxSequences = 1
        let run = try narrow.run([SimulatedRequest](repeating: request(output: 1), count: 5), policy: SeparatePolicy())
        #expect(run.recording.steps.map(\.liveRequests) == [1, 1, 1, 1, 0])
        #expect(run.recording.steps.map(\.retired.nanoseconds) == [14, 28, 42, 56, 70])
    }

    @Test func requestsOfOneMomentComeInTheirOrder() throws {
        var narrow = simulation()
        narrow.configuration.maxSequences = 1
        let requests = [request(7, output: 1), request(0, output: 1), request(7, output: 1), request(0, output: 1)]
        let run = try narrow.run(requests, policy: SeparatePolicy())
        #expect(run.requests.map { $0.end?.nanoseconds } == [42, 14, 56, 28])
    }

    @Test func aRunWithoutRecordingTakesTheSameCourse() throws {
        var options = SimulationOptions()
        options.recordsRun = false
        let requests = (1...9).map { request(Int64(5 * $0), prompt: $0, output: $0) }
        let with = try simulation(stages: 3).run(requests, policy: HybridPolicy())
        let without = try simulation(stages: 3, options: options).run(requests, policy: HybridPolicy())
        #expect(without.recording.steps.isEmpty && without.recording.spans.isEmpty)
        #expect(with.requests == without.requests && with.stages == without.stages && with.end == without.end)
        #expect(with.counters == without.counters && with.scheduledTokens == without.scheduledTokens)
    }

    @Test func nothingToDoTakesNoTime() throws {
        let run = try simulation().run([], policy: SeparatePolicy())
        #expect(run.requests.isEmpty && run.end == .zero && run.bubbleRatio == 0 && run.totalTokensPerSecond == 0)
    }

    @Test func theRecordingIsThatOfARealRun() throws {
        var options = SimulationOptions()
        options.model = "tiny"
        var two = simulation(stages: 2, options: options)
        two.timing = HandTiming(layers: [10, 10], head: [2, 2])
        let run = try two.run([request(output: 2)], policyNamed: "td-pipe", settings: .unmeasured(stages: 2))
        #expect(run.recording.model == "tiny" && run.recording.policy == "td-pipe")
        #expect(run.recording.stages == 2 && run.recording.blocksTotal == 100 && run.recording.tokensPerBlock == 4)
        #expect(run.recording.spans.count { $0.work == .head } == 4)
        #expect(run.recording.spans.count { $0.work == .layers } == 4)
        #expect(run.recording.steps.first?.decision == nil && run.recording.steps.last?.decision?.to == .decode)
        #expect(run.recording.end == Instant(nanoseconds: 44))
    }
}
