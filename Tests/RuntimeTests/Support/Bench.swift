import Runtime
import Scheduling
import StageDevices
import TestTools

/// One run of the engine on some device.
struct Bench {
    var device: any StageDevice
    var stages = 1
    var policy = "hybrid"
    var chunk = 64
    var blocks = 64
    var maxSequences = 16
    var recordsSpans = false

    /// The driver, with the core that it is to run.
    func prepare() throws -> (driver: EngineDriver, core: EngineCore) {
        let plan = try EnginePlan(
            device: device, stages: stages, kvMemory: blocks * device.bytesPerKVBlock, prefillChunk: chunk,
            maxSequences: maxSequences)
        let clock = RunClock()
        let pipeline = try Pipeline(
            device: device, ranges: plan.ranges, blocks: plan.configuration.blockCount, clock: clock,
            recordsSpans: recordsSpans)
        // A predictor that expects too little, so that policies that forecast preempt as well.
        var settings = PolicySettings.unmeasured(stages: stages)
        settings.lengths = OneMorePredictor()
        let policy = PolicyCatalogue.policy(named: policy, settings: settings)!
        return (
            EngineDriver(pipeline: pipeline, clock: clock),
            EngineCore(configuration: plan.configuration, policy: policy)
        )
    }

    func run(_ client: RecordingClient) throws -> DriverReport {
        let (driver, core) = try prepare()
        return try driver.run(core, client: client)
    }
}

/// Always expects one more token, whatever the answers turn out to be.
private struct OneMorePredictor: LengthPredictor {
    let name = "one more"
    /// Its bias is not to be corrected.
    let learnsLengths = true

    func answerTokens(_ facts: AnswerFacts) -> Int { facts.generated + 1 }

    mutating func observe(promptTokens: Int, generated: Int) {}
}

extension RequestSpec {
    /// Requests of unlike lengths, some of them drawn at random.
    static func samples(
        _ count: Int, vocabulary: Int, longestPrompt: Int = 60, longestAnswer: Int = 20, seed: UInt64 = 1
    ) -> [RequestSpec] {
        var random = SplitMix(seed: seed)
        return (0..<count).map { index in
            let length = Int.random(in: 1...longestPrompt, using: &random)
            let prompt = (0..<length).map { _ in TokenID.random(in: 0..<TokenID(vocabulary), using: &random) }
            var sampling = SamplingParameters.greedy
            if index % 3 == 1 { (sampling.temperature, sampling.seedKey) = (0.9, UInt64(index)) }
            if index % 3 == 2 { sampling.repetitionPenalty = 1.3 }
            return RequestSpec(
                id: RequestID(index), prompt: prompt, maxNewTokens: Int.random(in: 1...longestAnswer, using: &random),
                sampling: sampling)
        }
    }
}
