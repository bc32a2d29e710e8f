import DequeModule

/// The pipeline of vLLM's first engine (V0): a scheduler for each stage, called a virtual engine. Requests are bound to
/// the engines in turn, for life; each engine has an equal part of the pool and of the sequence limit, and one
/// micro-batch in flight. A baseline for comparisons: what one engine has in excess no other can use.
///
/// vLLM refuses a request that is larger than an engine's part of the pool. Here such a request runs alone in its engine,
/// with blocks that no other engine has taken.
public struct VirtualEnginesPolicy: SchedulingPolicy {
    public let name: String
    private let scheduler: any SchedulingPolicy
    /// The scheduler of each engine; none before the first plan.
    private var schedulers: [any SchedulingPolicy] = []

    /// - Parameter scheduler: what each engine schedules with: `SeparatePolicy`, or `HybridPolicy` for chunked prefill.
    public init(_ scheduler: any SchedulingPolicy) {
        name = "virtual-" + scheduler.name
        self.scheduler = scheduler
    }

    public mutating func plan(_ view: SchedulerView) -> StepPlan? {
        guard view.inFlight < view.configuration.stages else { return nil }
        if schedulers.isEmpty {
            schedulers = [any SchedulingPolicy](repeating: scheduler, count: view.configuration.stages)
        }
        var engines = view.partitioned(schedulers.count)
        // The engine that has waited longest comes first, so that all of them advance alike.
        engines.sort { ($0.lastMicroBatch, $0.index) < ($1.lastMicroBatch, $1.index) }
        for engine in engines where !engine.isInFlight {
            if let plan = schedulers[engine.index].plan(engine.view) { return plan }
        }
        return view.inFlight == 0 ? rescue(view) : nil
    }

    /// The way out when requests that are larger than their engines' parts hold the pool, and each waits for another's
    /// blocks: the earliest goes on, and the latest give up their blocks.
    private func rescue(_ view: SchedulerView) -> StepPlan? {
        guard let earliest = view.active.first else { return nil }
        var builder = MicroBatchBuilder(view)
        _ = builder.addPreempting(earliest, tokens: min(earliest.remaining, view.configuration.prefillChunk))
        return builder.result
    }
}

extension SchedulerView {
    struct Partition {
        let index: Int
        let view: SchedulerView
        /// The last micro-batch with tokens of the partition; -1 before the first.
        let lastMicroBatch: Int
        let isInFlight: Bool
    }

    /// Equal parts of the pool, each with every `count`-th request and one stage of its own.
    func partitioned(_ count: Int) -> [Partition] {
        var waiting = [Deque<Int>](repeating: [], count: count)
        var active = [[Int]](repeating: [], count: count)
        for slot in waitingSlots { waiting[sequences[slot].arrival % count].append(slot) }
        for slot in activeSlots { active[sequences[slot].arrival % count].append(slot) }
        var held = [Int](repeating: 0, count: count)
        var last = [Int](repeating: -1, count: count)
        var inFlight = [Bool](repeating: false, count: count)
        for sequence in sequences where sequence.place == .active || sequence.place == .leaving {
            let index = sequence.arrival % count
            held[index] += sequence.blocksHeld
            last[index] = max(last[index], sequence.lastMicroBatch)
            if sequence.inFlight > 0 { inFlight[index] = true }
        }
        return (0..<count).map { index in
            var own = configuration
            own.stages = 1
            own.blockCount = configuration.blockCount / count
            // With fewer sequences allowed than there are engines, each may have one as long as all of them allow it.
            own.maxSequences = min(
                max(1, configuration.maxSequences / count),
                active[index].count + configuration.maxSequences - activeSlots.count)
            var free = max(0, min(freeBlocks, own.blockCount - held[index]))
            // A request that is larger than an engine's part may have more while it is alone, as soon as that is free.
            if active[index].count <= 1, let slot = active[index].first ?? waiting[index].first {
                let sequence = sequences[slot]
                let needed = configuration.blocks(forTokens: sequence.known) - sequence.blocksHeld
                free = max(free, min(freeBlocks, needed))
                // An engine begins a request that is alone whatever it needs.
                if active[index].isEmpty, needed > free { waiting[index] = [] }
            }
            let view = SchedulerView(
                configuration: own, sequences: sequences, forecasts: forecasts, waitingSlots: waiting[index],
                activeSlots: active[index], freeBlocks: free, inFlight: 0, prefillsInFlight: 0)
            return Partition(index: index, view: view, lastMicroBatch: last[index], isInFlight: inFlight[index])
        }
    }
}
