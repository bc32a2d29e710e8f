import Scheduling

/// Counts of what happened in worlds with faults: a campaign with few faults proves little.
package struct FaultTotals: Sendable, Hashable {
    /// Requests that ended.
    package internal(set) var finished = 0
    /// Requests that were refused.
    package internal(set) var refused = 0
    /// Cancellations that were sent, of live and other requests.
    package internal(set) var cancellations = 0
    package internal(set) var delayedMessages = 0
    package internal(set) var repeatedMessages = 0
    package private(set) var microBatches = 0
    package private(set) var preemptions = 0
    /// Losses of a stage, as the core counts them.
    package private(set) var stageLosses = 0
    /// Micro-batches that were in flight when a stage was lost.
    package private(set) var voidMicroBatches = 0
    /// Sequences that held blocks when a stage was lost.
    package private(set) var interruptions = 0
    /// Retirements that the core ignored.
    package private(set) var strayRetirements = 0

    mutating func add(_ counters: EngineCounters) {
        microBatches += counters.microBatches
        preemptions += counters.preemptions
        stageLosses += counters.stageLosses
        voidMicroBatches += counters.voidMicroBatches
        interruptions += counters.interruptions
        strayRetirements += counters.strayRetirements
    }

    mutating func add(_ other: Self) {
        finished += other.finished
        refused += other.refused
        cancellations += other.cancellations
        delayedMessages += other.delayedMessages
        repeatedMessages += other.repeatedMessages
        microBatches += other.microBatches
        preemptions += other.preemptions
        stageLosses += other.stageLosses
        voidMicroBatches += other.voidMicroBatches
        interruptions += other.interruptions
        strayRetirements += other.strayRetirements
    }
}
