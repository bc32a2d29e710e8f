import Inference
import Scheduling

/// What a step of the controller costs with a number of live requests.
package struct ControllerCost: Sendable, Hashable {
    package let policy: String
    package let stages: Int
    package let liveRequests: Int
    /// Steps that were timed.
    package let steps: Int
    /// Median microseconds of a step: taking the results of one micro-batch, counting its tokens, planning and
    /// dispatching the next one.
    package let medianMicroseconds: Double
    /// The 99th percentile of the microseconds of a step.
    package let p99Microseconds: Double
    /// The mean number of sequences in a micro-batch.
    package let meanSequences: Double

    /// Nanoseconds of a median step for each sequence of its micro-batch.
    package var nanosecondsPerSequence: Double {
        meanSequences > 0 ? medianMicroseconds * 1000 / meanSequences : 0
    }
}

/// Times the scheduling core with a policy on a pipeline without arithmetic. Requests that end are replaced, so that
/// the number of live requests stays the same.
package struct ControllerBench: Sendable {
    package let stages: Int
    /// Tokens of each prompt.
    private static let promptTokens = 64
    /// Tokens of the shortest answer.
    private static let leastAnswer = 96
    private static let tokensPerBlock = 16
    /// The most warm-up steps for each live request. A policy that still keeps requests waiting is timed as it is.
    private static let warmUp = 4

    /// The number of stages in the published figures.
    package static let standardStages = 4

    package init(stages: Int = standardStages) { self.stages = stages }

    /// Times `steps` steps, after a warm-up that prefills the first requests. The token budget of micro-batches grows
    /// with the number of live requests, so that it does not limit them.
    /// - Throws: `BenchmarkError` for a policy that is not available, `IntegrityError` for a bug in the core.
    package func measure(_ choice: PolicyChoice, liveRequests: Int, steps: Int) throws -> ControllerCost {
        let policy = try choice.policy(
            costs: AssumedStepCost(stages: stages), lengths: "oracle", respectsLimit: true)
        let blocksEach = (Self.promptTokens + 3 * Self.leastAnswer) / Self.tokensPerBlock + 1
        let configuration = EngineConfiguration(
            stages: stages, tokensPerBlock: Self.tokensPerBlock, blockCount: liveRequests * blocksEach,
            contextLength: 4096, prefillChunk: max(512, liveRequests), maxSequences: liveRequests)
        var loop = ControllerLoop(EngineCore(configuration: configuration, policy: policy), stages: stages)
        for _ in 0..<liveRequests { loop.arrive(promptTokens: Self.promptTokens, answer: Self.answer) }
        for _ in 0..<Self.warmUp * liveRequests where loop.waiting > 0 { try loop.step() }
        loop.forget()
        for _ in 0..<steps { try loop.step() }
        try loop.checkIntegrity()
        let sorted = loop.seconds.sorted()
        return ControllerCost(
            policy: choice.label, stages: stages, liveRequests: liveRequests, steps: steps,
            medianMicroseconds: sorted[sorted.count / 2] * 1e6,
            p99Microseconds: sorted[min(sorted.count - 1, sorted.count * 99 / 100)] * 1e6,
            meanSequences: Double(loop.sequences) / Double(max(1, loop.microBatches)))
    }

    /// The length of each answer; lengths differ, so that answers do not all end at once.
    private static func answer(_ request: Int) -> Int { leastAnswer + request &* 37 % (2 * leastAnswer) }
}

/// Core and virtual pipeline in a closed loop.
private struct ControllerLoop {
    private var loop: EngineLoop
    private var effects = BenchEffects()
    private var pipeline: VirtualPipeline
    private let clock = ContinuousClock()
    private var arrived = 0
    private var answer: (Int) -> Int = { _ in 1 }
    private var promptTokens = 1
    private(set) var seconds: [Double] = []
    private(set) var sequences = 0
    private(set) var microBatches = 0

    init(_ core: EngineCore, stages: Int) {
        loop = EngineLoop(core)
        pipeline = VirtualPipeline(stages: stages)
    }

    var waiting: Int { loop.core.waitingRequests }

    mutating func arrive(promptTokens: Int, answer: @escaping (Int) -> Int) {
        self.promptTokens = promptTokens
        self.answer = answer
        arrive()
    }

    private mutating func arrive() {
        let spec = RequestSpec(
            id: RequestID(arrived), prompt: [TokenID](repeating: 1, count: promptTokens),
            maxNewTokens: answer(arrived))
        loop.handle(.arrived(spec), &effects)
        arrived += 1
    }

    /// Retires the oldest micro-batch, if there is one, and lets the core plan. Only the core's part is timed.
    mutating func step() throws {
        var spent = Duration.zero
        if let retired = pipeline.next() {
            effects.now = retired.at
            let event = EngineEvent.retired(retired.id, retired.tokens, stageSeconds: retired.stageSeconds)
            spent += clock.measure { loop.tell(event, &effects) }
            loop.carryOut(&effects)
            for _ in 0..<effects.takeEnded() { arrive() }
        }
        spent += clock.measure { loop.tell(.schedule, &effects) }
        loop.carryOut(&effects)
        for batch in effects.takeDispatched() {
            sequences += batch.slices.count
            microBatches += 1
            pipeline.dispatch(batch, at: effects.now)
        }
        guard loop.core.microBatchesInFlight > 0 else {
            throw BenchmarkError(
                .stalled,
                "policy \(loop.core.policyName) has nothing to do for \(loop.core.liveRequests) requests")
        }
        seconds.append(spent.seconds)
    }

    /// Discards all measurements so far.
    mutating func forget() {
        seconds.removeAll()
        sequences = 0
        microBatches = 0
    }

    func checkIntegrity() throws { try loop.core.checkIntegrity() }
}

/// Keeps the actions of the core until the clock has stopped.
private struct BenchEffects: EngineEffects {
    typealias Failure = Never

    var now = Instant.zero
    private var dispatched: [MicroBatch] = []
    private var ended = 0

    mutating func takeDispatched() -> [MicroBatch] {
        defer { dispatched.removeAll(keepingCapacity: true) }
        return dispatched
    }

    mutating func takeEnded() -> Int {
        defer { ended = 0 }
        return ended
    }

    mutating func dispatch(_ batch: MicroBatch) { dispatched.append(batch) }
    mutating func emit(_ request: RequestID, _ tokens: [SampledToken]) -> AnswerState { .goesOn }
    mutating func finish(_ request: RequestID, _ reason: FinishReason) { ended += 1 }
    mutating func reject(_ request: RequestID, _ error: AdmissionError) {}
    mutating func report(_ step: StepRecord) {}
}
