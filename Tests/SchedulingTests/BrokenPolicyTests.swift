import Scheduling
import Testing

/// Faults of a policy, or of whoever drives the core, end the process rather than corrupt a cache.
@Suite struct BrokenPolicyTests {
    @Test(arguments: Fault.allCases)
    func aFaultEndsTheProcess(fault: Fault) async {
        await #expect(processExitsWith: .failure) { [fault] in run(fault.steps) }
    }

    /// What leads up to the faults is itself no fault.
    @Test(arguments: Fault.allCases)
    func withoutItsLastStepTheProcessEndsWell(fault: Fault) async {
        await #expect(processExitsWith: .success) { [fault] in run(fault.steps.dropLast()) }
    }
}

enum Fault: String, CaseIterable, Codable, Sendable {
    case plansNothing, plansUnknownSlot, plansTooManyTokens, plansNoTokens, plansASequenceTwice, plansEndedSequence
    case exceedsChunk, exceedsSequences, exceedsPool, exceedsPrefillWindow, exceedsDecodeWindow
    case preemptsInFlight, preemptsWaiting
    case retiresOutOfOrder, retiresTooFewResults, drawsNothing, drawsUnasked, arrivesTwice
    case computesTooLittle, computesTooMuch, computesBeyondItsBlocks, computesTooFewSequences

    /// What is done, the fault last. Slots 0 ..< 5 are requests of 6 tokens; each fills a block.
    fileprivate var steps: [Step] {
        let decodeReady: [Step] = (0..<4).flatMap { [.plan([($0, 6)]), .retire([[9]])] }
        return switch self {
        case .plansNothing: [.plan([])]
        case .plansUnknownSlot: [.plan([(5, 1)])]
        case .plansTooManyTokens: [.plan([(0, 7)])]
        case .plansNoTokens: [.plan([(0, 0)])]
        case .plansASequenceTwice: [.plan([(0, 2), (0, 2)])]
        case .plansEndedSequence: [.plan([(0, 2)]), .cancel(0), .plan([(0, 2)])]
        case .exceedsChunk: [.plan([(0, 5), (1, 4)])]
        case .exceedsSequences: [.plan([(0, 1), (1, 1), (2, 1), (3, 1), (4, 1)])]
        case .exceedsPool: decodeReady + [.plan([(0, 1)])]
        case .exceedsPrefillWindow: [.plan([(0, 1)]), .plan([(0, 1)]), .plan([(0, 1)]), .plan([(0, 1)])]
        case .exceedsDecodeWindow:
            decodeReady + [.cancel(3), .plan([(0, 1)]), .plan([(1, 1)]), .plan([(2, 1)])]
        case .preemptsInFlight: [.plan([(0, 2)]), .plan([(1, 1)], preempting: [0])]
        case .preemptsWaiting: [.plan([(0, 2)]), .plan([(1, 1)], preempting: [2])]
        case .retiresOutOfOrder: [.plan([(0, 2)]), .plan([(1, 2)]), .retire([[]], skipping: 1)]
        case .retiresTooFewResults: [.plan([(0, 6), (1, 2)]), .retire([[9]])]
        case .drawsNothing: [.plan([(0, 6)]), .retire([[]])]
        case .drawsUnasked: [.plan([(0, 2)]), .retire([[9]])]
        case .arrivesTwice: [.arrive(3)]
        case .computesTooLittle: [.plan([(0, 2), (1, 2)]), .retire([[], []], computed: [2, 1])]
        case .computesTooMuch: [.plan([(0, 2)]), .retire([[]], computed: [3])]
        // Each token fills a block, and nobody took one for the first of two tokens.
        case .computesBeyondItsBlocks: [.plan([(0, 6)]), .retire([[9, 9]], computed: [7])]
        case .computesTooFewSequences: [.plan([(0, 2), (1, 2)]), .retire([[], []], computed: [2])]
        }
    }
}

private enum Step {
    /// Slots and the tokens that each is given, as one micro-batch.
    case plan([(slot: Int, tokens: Int)], preempting: [Int] = [])
    case retire([[TokenID]], skipping: Int = 0, computed: [Int] = [])
    case cancel(Int)
    case arrive(Int)
}

/// Two stages, 24 blocks of one token, a chunk of 8, four sequences, a prefill window of 3; five requests wait.
private func run(_ steps: some Swift.Sequence<Step>) {
    let configuration = EngineConfiguration(
        stages: 2, tokensPerBlock: 1, blockCount: 24, contextLength: 100, prefillChunk: 8, maxSequences: 4,
        prefillWindow: 3)
    var core = EngineCore(configuration: configuration, policy: ScriptedPolicy(steps))
    var actions: [EngineAction] = []
    func arrival(_ id: Int) -> EngineEvent {
        .arrived(RequestSpec(id: RequestID(id), prompt: Array(repeating: 1, count: 6), maxNewTokens: 5))
    }
    for id in 0..<5 { core.handle(arrival(id), at: .zero, into: &actions) }
    var retired = 0
    for step in steps {
        switch step {
        case .plan: core.handle(.schedule, at: .zero, into: &actions)
        case .cancel(let id): core.handle(.cancelled(RequestID(id)), at: .zero, into: &actions)
        case .arrive(let id): core.handle(arrival(id), at: .zero, into: &actions)
        case .retire(let tokens, let skipped, let computed):
            let drawn = tokens.map { $0.map { SampledToken($0) } }
            core.handle(
                .retired(MicroBatchID(retired + skipped), drawn, computedThrough: computed), at: .zero, into: &actions)
            retired += 1
        }
    }
}

/// Plans what it is told to, one micro-batch each time that it is asked to schedule.
private struct ScriptedPolicy: SchedulingPolicy {
    let name = "scripted"
    private var plans: [StepPlan?] = []

    init(_ steps: some Swift.Sequence<Step>) {
        for case .plan(let items, let preempted) in steps {
            var plan = StepPlan()
            plan.preempted = preempted
            plan.items = items.map { StepPlan.Item(slot: $0.slot, tokens: $0.tokens) }
            plans += [plan, nil]
        }
    }

    mutating func plan(_ view: SchedulerView) -> StepPlan? { plans.removeFirst() }
}
