import DequeModule

/// What the policy knows of the pipeline in every phase: the micro-batches in flight and the sequences that hold
/// blocks. When a stage is lost, all of it is void.
package struct PipelineState: Sendable {
    /// A micro-batch in flight.
    enum Flight: Sendable, Hashable {
        case prefill
        /// `group`: the fixed group whose members the micro-batch holds; nil with work stealing.
        case decode(group: Int?)
    }
    /// A prompt of which some tokens were issued; the next prefill unit takes the rest.
    private struct CutPrompt: Sendable {
        let slot: Int
        let arrival: Int
    }
    /// Micro-batches in flight, in the order of dispatch, which is the order of retirement.
    private(set) var flights: [Flight] = []
    /// The prompts that are cut, in the order in which they go on. More than one only after another policy planned.
    private var cuts: [CutPrompt] = []
    var line = DecodeLine()
    var lastRound = LastRound()

    package init() {}

    /// The state of a pipeline for which another policy planned so far.
    init(_ view: SchedulerView) {
        let decodes = [Flight](repeating: .decode(group: nil), count: view.decodesInFlight)
        flights = [Flight](repeating: .prefill, count: view.prefillsInFlight) + decodes
        // Micro-batches retire in the order of their numbers.
        for sequence in view.active.sorted(by: { Self.lastBatch($0) < Self.lastBatch($1) }) {
            if sequence.remaining == 0 || sequence.isDecoding {
                line.append(.init(slot: sequence.slot, arrival: sequence.arrival))
            } else {
                cuts.append(CutPrompt(slot: sequence.slot, arrival: sequence.arrival))
            }
        }
    }

    private static func lastBatch(_ sequence: SequenceView) -> Int { sequence.lastMicroBatch?.rawValue ?? -1 }

    /// Drops micro-batches that have retired and cut prompts that have ended since the last plan.
    package mutating func settle(_ view: SchedulerView) {
        flights.removeFirst(flights.count - view.inFlight)
        cuts.removeAll { Self.sequence($0, view) == nil }
    }

    var prefillsInFlight: Int { flights.count { $0 == .prefill } }
    var decodesInFlight: Int { flights.count - prefillsInFlight }

    /// Whether one more prefill unit may be in flight.
    func hasPrefillWindow(_ view: SchedulerView) -> Bool {
        max(prefillsInFlight, view.prefillsInFlight) < view.configuration.prefillWindow
    }

    var hasCutPrompt: Bool { !cuts.isEmpty }

    /// The sequence whose cut prompt goes on next.
    func cutPrompt(_ view: SchedulerView) -> SequenceView? { cuts.first.flatMap { Self.sequence($0, view) } }

    private static func sequence(_ cut: CutPrompt, _ view: SchedulerView) -> SequenceView? {
        guard let sequence = view.activeSequence(slot: cut.slot), sequence.arrival == cut.arrival else { return nil }
        return sequence
    }

    /// Sequences that decode, in flight or not.
    func members(_ view: SchedulerView) -> Int { view.active.count - cuts.count }

    mutating func issued(_ flight: Flight) { flights.append(flight) }

    /// A sequence was given `count` of its known tokens in a prefill unit: its prompt is cut, or it decodes from now
    /// on. A recomputed sequence may have a single token left, which is a decode step.
    mutating func follow(_ sequence: SequenceView, given count: Int) {
        let left = sequence.remaining - count
        let isGoingOn = cuts.first?.slot == sequence.slot
        if left == 0 || (left == 1 && sequence.generated > 0) {
            if isGoingOn { cuts.removeFirst() }
            line.append(.init(slot: sequence.slot, arrival: sequence.arrival))
        } else if !isGoingOn {
            cuts.append(CutPrompt(slot: sequence.slot, arrival: sequence.arrival))
        }
    }

    /// A sequence is preempted.
    mutating func forget(slot: Int) {
        cuts.removeAll { $0.slot == slot }
        line.remove(slot: slot)
    }

    /// A cut prompt that goes on at the cost of later arrivals.
    struct Rescue {
        let sequence: SequenceView
        let tokens: Int
        let plan: StepPlan
    }

    /// The way out when nothing is in flight and nothing fits: the predicted lengths were too short, and the cut prompt
    /// finds no blocks to go on. The latest arrivals give up their blocks. nil if there is no cut prompt, or if no
    /// later arrivals can free enough blocks.
    mutating func rescue(_ view: SchedulerView) -> Rescue? {
        guard view.inFlight == 0, let sequence = cutPrompt(view) else { return nil }
        var builder = MicroBatchBuilder(view)
        let tokens = min(sequence.remaining, view.configuration.prefillChunk)
        guard builder.addPreempting(sequence, tokens: tokens), let plan = builder.result else { return nil }
        for slot in plan.preempted { forget(slot: slot) }
        return Rescue(sequence: sequence, tokens: tokens, plan: plan)
    }
}

/// All sequences that decode, in the order of the last micro-batch of each.
///
/// Micro-batches retire in the order in which they were issued, so the sequences that are not in flight come first, and
/// among these the sequences that have waited longest: finding them takes no search.
struct DecodeLine: Sendable {
    struct Entry: Sendable {
        let slot: Int
        let arrival: Int
        /// Decode steps that the sequence was given in this phase.
        var steps = 0
        /// The fixed group of the sequence; nil with work stealing, and before the sequence is dealt to a group.
        var group: Int?
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

    /// Takes the first sequences that are not in flight out of the line, at most `count`, in the order of the line.
    /// Drops sequences that have ended.
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

    /// Puts sequences that were taken out back at the front, in their order.
    mutating func putBack(_ taken: some Collection<Entry>) {
        entries.prepend(contentsOf: taken)
    }

    /// Changes all entries, in the order of the line.
    mutating func update(_ change: (inout Entry) -> Void) {
        for index in entries.indices { change(&entries[index]) }
    }
}
