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

    public init() {}
}

/// Decides what the next micro-batch holds. Pure: the same view and the same state give the same plan.
///
/// The core asks again after each plan until it gets nil. It checks each plan against blocks, budgets and the window of
/// micro-batches in flight: a plan that breaks them is a failed precondition, never a corrupt cache.
public protocol SchedulingPolicy: Sendable {
    /// The name of the policy on the command line.
    var name: String { get }
    mutating func plan(_ view: SchedulerView) -> StepPlan?
}
