/// A policy's proposal for the next micro-batch.
public struct StepPlan: Sendable, Hashable {
    /// Give `tokens` more tokens of the sequence in `slot` to the micro-batch.
    public struct Item: Sendable, Hashable {
        public let slot: Int
        public let tokens: Int

        public init(slot: Int, tokens: Int) {
            self.slot = slot
            self.tokens = tokens
        }
    }
    /// Sequences that give up their blocks first and are computed again later.
    public var preempted: [Int] = []
    public var items: [Item] = []
    /// The most KV blocks that the policy expects in use from here on. For the record only.
    public var predictedPeakBlocks: Int?
    /// The phase switch that this plan begins. For the record only.
    public var decision: PhaseDecision?
    /// Trials of policies that were concluded since the plan before. For the record only.
    public var trials: [PolicyTrial] = []

    public init() {}
}

/// What a policy learns when a micro-batch retires.
public struct RetiredStep: Sendable, Hashable {
    public let phase: Phase
    public let load: StepLoad
    /// Seconds that each stage took for the micro-batch; empty if they were not measured.
    public let stageSeconds: [Double]
}

/// What a policy learns when a stage is lost.
public struct StageLoss: Sendable, Hashable {
    public let stage: StageID
}

/// What a policy learns when an answer comes to its own end.
public struct FinishedAnswer: Sendable, Hashable {
    /// With `generated` tokens in all.
    public let facts: AnswerFacts
}

/// Decides what the next micro-batch holds. Pure: the same views and observations give the same plans.
///
/// The core asks again after each plan until it gets nil. It checks each plan against blocks, budgets and the window of
/// micro-batches in flight: a plan that exceeds a limit is a failed precondition, never a corrupt KV cache.
public protocol SchedulingPolicy: Sendable {
    /// The name of the policy on the command line.
    var name: String { get }
    mutating func plan(_ view: SchedulerView) -> StepPlan?
    /// Another policy planned so far, and this one goes on from here. Told before the first plan.
    mutating func takeOver(_ view: SchedulerView)
    /// A micro-batch retired; called after its tokens were counted, before the next plan.
    mutating func observe(_ step: RetiredStep)
    /// A stage was lost: everything in flight is void, and no sequence holds blocks any more. The next plan is made
    /// when every stage is restored.
    mutating func observe(_ loss: StageLoss)
    /// An answer ended by its length, a stop token or a stop string (not by cancellation or refusal).
    mutating func observe(_ answer: FinishedAnswer)
}

extension SchedulingPolicy {
    public mutating func takeOver(_ view: SchedulerView) {}
    public mutating func observe(_ step: RetiredStep) {}
    public mutating func observe(_ loss: StageLoss) {}
    public mutating func observe(_ answer: FinishedAnswer) {}
}
