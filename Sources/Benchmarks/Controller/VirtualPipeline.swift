import Scheduling

/// A pipeline without arithmetic: it knows when each stage would be done with a micro-batch, and draws the same token
/// for every sequence.
struct VirtualPipeline {
    /// A micro-batch that has come out of the last stage.
    struct Retired {
        let id: MicroBatchID
        let tokens: [[SampledToken]]
        let stageSeconds: [Double]
        let at: Instant
    }
    private let costs: AssumedStepCost
    /// When each stage has finished its work, in nanoseconds.
    private var free: [Int64]
    /// Micro-batches in flight; few, since the window of the core limits them.
    private var queue: [Retired] = []

    init(stages: Int) {
        costs = AssumedStepCost(stages: stages)
        free = [Int64](repeating: 0, count: stages)
    }

    mutating func dispatch(_ batch: MicroBatch, at now: Instant) {
        var time = now.nanoseconds
        let load = batch.load
        let seconds = free.indices.map { costs.seconds(load, on: $0) }
        for (stage, seconds) in seconds.enumerated() {
            time = max(time, free[stage]) + Int64(seconds * 1e9)
            free[stage] = time
        }
        let tokens = batch.slices.map { [SampledToken](repeating: SampledToken(0), count: $0.draws.count) }
        queue.append(Retired(id: batch.id, tokens: tokens, stageSeconds: seconds, at: Instant(nanoseconds: time)))
    }

    /// The oldest micro-batch; nil if none is in flight.
    mutating func next() -> Retired? { queue.isEmpty ? nil : queue.removeFirst() }
}
