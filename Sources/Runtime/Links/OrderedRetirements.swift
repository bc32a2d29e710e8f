import DequeModule
import Scheduling

/// Holds back what has been done until everything before it has been, too.
struct OrderedRetirements {
    private struct Entry {
        let batch: MicroBatchID
        /// nil while under way.
        var event: ControllerEvent?
    }
    /// In the order of ids: as long as the window of micro-batches in flight.
    private var entries = Deque<Entry>()

    /// A micro-batch begins.
    mutating func expect(_ batch: MicroBatchID) {
        precondition(entries.last.map { $0.batch < batch } ?? true, "\(batch) was dispatched out of order")
        entries.append(Entry(batch: batch))
    }

    /// A micro-batch is done. Appends its retirement, and those of later ones that waited for it, or nothing yet.
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
