import Scheduling
import Simulation
import Studies
import Testing

@Suite struct RunReplayTests {
    private func costs() throws -> MeasuredStepCost {
        let loads = [1, 4, 16, 64].flatMap {
            [
                StepLoad.decode(sequences: $0, context: 10 * $0), StepLoad.decode(sequences: $0, context: 1000 * $0),
                StepLoad.prefill(tokens: $0, isLast: false),
            ]
        }
        return try MeasuredStepCost(
            loads.map { load in
                let layers = 1e-3 + 1e-4 * Double(load.tokens) + 1e-6 * Double(load.context)
                let head = 2e-4 * Double(load.sequences)
                return StepSample(load: load, stageSeconds: [layers + head, layers + head])
            })
    }

    private func facts(
        _ policy: String, stages: Int = 2, blocks: Int = 64, wall: Double = 1, bubble: Double = 0
    ) throws -> RunReplay.Facts {
        RunReplay.Facts(
            policy: try StudyPolicy(policy, lengths: OraclePredictor()), stages: stages, blocks: blocks,
            prefillChunk: 64, maxSequences: 16, contextLength: 512, wallSeconds: wall, bubbleRatio: bubble)
    }

    private let requests = (0..<40).map { SimulatedRequest(promptTokens: 5 + $0 % 13, outputTokens: 3 + $0 * 7 % 20) }

    @Test(arguments: PolicyCatalogue.names)
    func errorsAreAgainstTheRealRun(policy: String) throws {
        let first = try RunReplay(facts(policy), requests: requests, costs: costs())
        #expect(first.outcome.requests.allSatisfy { $0.end != nil } && first.predictedSeconds > 0)
        let real = try facts(policy, wall: first.predictedSeconds / 1.25, bubble: first.outcome.bubbleRatio - 0.03)
        let replay = try RunReplay(real, requests: requests, costs: costs())
        #expect(abs(replay.makespanError - 0.25) < 1e-12 && abs(replay.bubbleError - 0.03) < 1e-12)
        // Both stages have their share of the head, which is measured as its own work.
        #expect(replay.outcome.recording.spans.contains { $0.work == .head && $0.stage == StageID(0) })
    }

    /// The real machine was slower than its profile by a quarter, and by nothing else.
    @Test(arguments: PolicyCatalogue.names)
    func aSlowerMachineIsReplayedAtItsSpeed(policy: String) throws {
        let profiled = try RunReplay(facts(policy), requests: requests, costs: costs())
        let configuration = EngineConfiguration(
            stages: 2, tokensPerBlock: 16, blockCount: 64, contextLength: 512, prefillChunk: 64, maxSequences: 16)
        let machine = PipelineSimulation(
            configuration: configuration,
            timing: try SlowerTiming(base: MeasuredTiming(costs(), bytesPerToken: 0), factor: 1.25))
        let real = try machine.run(
            requests, policyNamed: policy,
            settings: PolicySettings(costs: try costs(), lengths: OraclePredictor(), tdPipe: TDPipeOptions()))
        let facts = try facts(policy, wall: real.end.seconds, bubble: real.bubbleRatio)
        let scaled = try RunReplay(facts, requests: requests, costs: costs(), ratio: 1.25)
        #expect(scaled.ratio == 1.25 && abs(scaled.makespanError) < 1e-9 && abs(scaled.bubbleError) < 1e-9)
        let plain = try RunReplay(facts, requests: requests, costs: costs())
        #expect(plain.predictedSeconds == profiled.predictedSeconds && plain.makespanError < -0.15)
    }

    /// Written apart from `ScaledTiming`.
    private struct SlowerTiming: StageTiming {
        let base: MeasuredTiming
        let factor: Double
        var stages: Int { base.stages }
        var headPieces: Int { base.headPieces }
        func layerSeconds(_ load: StepLoad, on stage: Int) -> Double { base.layerSeconds(load, on: stage) * factor }
        func headSeconds(_ load: StepLoad, on stage: Int) -> Double { base.headSeconds(load, on: stage) * factor }
        func activationBytes(_ load: StepLoad) -> Int { 0 }
    }

    @Test(arguments: [0, -1, .nan, .infinity, 1e7])
    func aRatioThatCannotBeIsRefused(ratio: Double) throws {
        let error = #expect(throws: SimulationError.self) {
            try RunReplay(facts("hybrid"), requests: requests, costs: costs(), ratio: ratio)
        }
        #expect(error?.message.contains("\(ratio) times") == true)
    }

    @Test func handOversAndTheControllerTakeTime() throws {
        let base = try RunReplay(facts("separate"), requests: requests, costs: costs()).predictedSeconds
        let far = try RunReplay(facts("separate"), requests: requests, costs: costs(), handOverSeconds: 1e-3)
        let slow = try RunReplay(facts("separate"), requests: requests, costs: costs(), controllerSeconds: 1e-3)
        #expect(far.predictedSeconds > base && slow.predictedSeconds > base)
    }

    @Test func whatDoesNotBelongTogetherIsRefused() throws {
        let error = #expect(throws: SimulationError.self) {
            try RunReplay(facts("hybrid", stages: 3), requests: requests, costs: costs())
        }
        #expect(error?.message.contains("2 stages") == true && error?.message.contains("had 3") == true)
        #expect(throws: SimulationError.self) {
            try RunReplay(facts("hybrid", blocks: 0), requests: requests, costs: costs())
        }
    }

    /// A timing that counts what is read: a nanosecond for each token whose key and value are.
    private struct ReadTiming: StageTiming {
        let stages = 1
        func layerSeconds(_ load: StepLoad, on stage: Int) -> Double { 1 }
        func layerSeconds(_ load: StepLoad, cacheReads: Double, on stage: Int) -> Double { cacheReads * 1e-9 }
        func headSeconds(_ load: StepLoad, on stage: Int) -> Double { 0 }
        func activationBytes(_ load: StepLoad) -> Int { 0 }
    }

    /// Each slice reads its sequence up to its own end, in mixed micro-batches too.
    @Test func stagesAreToldWhatIsRead() throws {
        let simulation = PipelineSimulation(
            configuration: EngineConfiguration(
                stages: 1, tokensPerBlock: 16, blockCount: 32, contextLength: 64, prefillChunk: 5, maxSequences: 8),
            timing: ReadTiming())
        let requests = [
            SimulatedRequest(promptTokens: 4, outputTokens: 3), SimulatedRequest(promptTokens: 8, outputTokens: 2),
        ]
        let scaled = ScaledTiming(ReadTiming(), by: 2)
        let load = StepLoad.decode(sequences: 1, context: 9)
        #expect(abs(scaled.layerSeconds(load, cacheReads: 9, on: 0) - 18e-9) < 1e-15)
        #expect(scaled.layerSeconds(load, on: 0) == 2)
        let run = try simulation.run(requests, policyNamed: "hybrid", settings: .unmeasured(stages: 1))
        // Five tokens at a time: 4 and 1 of the prompts; a decode step and 4 of the second; a decode step and the last
        // 3; a decode step.
        #expect(run.stages[0].busyNanoseconds == (4 + 1) + (5 + 5) + (6 + 8) + 9)
    }
}
