import DequeModule

/// All sequences that decode, in the order of the micro-batches that they were last given to.
///
/// Micro-batches retire in the order in which they were issued, so the sequences that are not in flight stand at the
/// front: to go through them is to go through those that have waited longest first, and takes no search.
struct DecodeLine: Sendable {
    struct Entry: Sendable {
        let slot: Int
        let arrival: Int
        /// Decode steps that it was given in this phase.
        var steps = 0
        /// The micro-batch that it stays with, without work stealing.
        var label: Int?
    }

    private var entries = Deque<Entry>()

    /// A sequence was given to a micro-batch.
    mutating func append(_ entry: Entry) { entries.append(entry) }

    /// A sequence gave up its blocks.
    mutating func remove(slot: Int) { entries.removeAll { $0.slot == slot } }

    /// Takes the first sequence that is not in flight out of the line; nil if all are in flight. Those that have ended
    /// are dropped.
    mutating func popReady(_ view: SchedulerView) -> (entry: Entry, sequence: SequenceView)? {
        while let entry = entries.first {
            let sequence = view.activeSequence(slot: entry.slot)
            if let sequence, sequence.arrival == entry.arrival {
                if sequence.isInFlight { return nil }
                return (entries.removeFirst(), sequence)
            }
            entries.removeFirst()
        }
        return nil
    }

    /// Puts sequences that were taken out back to the front, in their order.
    mutating func putBack(_ taken: some BidirectionalCollection<Entry>) {
        for entry in taken.reversed() { entries.prepend(entry) }
    }

    /// Changes the entries, all of them, in the order of the line.
    mutating func update(_ change: (inout Entry) -> Void) {
        for index in entries.indices { change(&entries[index]) }
    }
}
