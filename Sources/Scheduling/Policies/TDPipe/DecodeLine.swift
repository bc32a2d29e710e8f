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

    /// A sequence that is not in flight.
    struct Ready: Sendable {
        let entry: Entry
        let sequence: SequenceView
    }

    private var entries = Deque<Entry>()

    /// A sequence was given to a micro-batch.
    mutating func append(_ entry: Entry) { entries.append(entry) }

    /// A sequence gave up its blocks.
    mutating func remove(slot: Int) { entries.removeAll { $0.slot == slot } }

    /// Takes the first sequences that are not in flight out of the line, at most `count`, in its order. Those that have
    /// ended are dropped.
    mutating func takeReady(_ count: Int, _ view: SchedulerView) -> [Ready] {
        var ready: [Ready] = []
        ready.reserveCapacity(min(count, entries.count))
        var passed = 0
        for entry in entries {
            guard ready.count < count else { break }
            if let sequence = view.activeSequence(slot: entry.slot), sequence.arrival == entry.arrival {
                if sequence.isInFlight { break }
                ready.append(Ready(entry: entry, sequence: sequence))
            }
            passed += 1
        }
        entries.removeFirst(passed)
        return ready
    }

    /// Puts sequences that were taken out back to the front, in their order.
    mutating func putBack(_ taken: some Collection<Entry>) {
        entries.prepend(contentsOf: taken)
    }

    /// Changes the entries, all of them, in the order of the line.
    mutating func update(_ change: (inout Entry) -> Void) {
        for index in entries.indices { change(&entries[index]) }
    }
}
