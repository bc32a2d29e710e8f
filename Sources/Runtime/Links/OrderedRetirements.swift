import DequeModule
import Scheduling

/// Holds back each finished micro-batch until all micro-batches before it have finished too.
struct OrderedRetirements {
    private struct Entry {
        let batch: MicroBatchID
        /// nil while the micro-batch is under way.
        var event: ControllerEvent?
    }
    /// In the order of ids; not longer than the window of micro-batches in flight.
    private var entries = Deque<Entry>()

    /// A micro-batch begins.
    mutating func expect(_ batch: MicroBatchID) {
        precondition(entries.last.map { $0.batch < batch } ?? true, "\(batch) was dispatched out of order")
        entries.append(Entry(batch: batch))
    }

    /// A micro-batch is done. Appends its retirement and those of later micro-batches that waited for it; appends
    /// nothing while an earlier micro-batch is under way.
    mutating func retire(
        _ batch: MicroBatchID, _ tokens: [[SampledToken]], stageSeconds: [Double],
        into ready: inout [ControllerEvent]
    ) {
        guard let index = entries.firstIndex(where: { $0.batch == batch }), entries[index].event == nil else {
            preconditionFailure("\(batch) retired without being under way")
        }
        entries[index].event = .retired(batch, tokens, stageSeconds: stageSeconds)
        while let event = entries.first?.event {
            ready.append(event)
            entries.removeFirst()
        }
    }
}
