import DequeModule
import Platform
import Scheduling

/// Tells a fresh scheduling core the events of a recorded run, and compares its actions with the recorded ones.
///
/// The core is a pure value: a run recorded on another machine takes the same course here, including any bug.
package struct EventReplay: Sendable {
    /// The totals of a replay.
    package struct Summary: Sendable, Hashable {
        package internal(set) var events = 0
        package internal(set) var actions = 0
        package internal(set) var requests = 0
        /// Requests that had not ended at the end of the log.
        package internal(set) var live = 0
        package internal(set) var counters: EngineCounters
        /// The time of the last event.
        package internal(set) var end = Instant.zero
    }

    private var reader: EventLogReader
    private var core: EngineCore
    private var summary: Summary
    private var actions: [EngineAction] = []
    /// Requests that have not ended. For look-up only; never iterated.
    private var live: Set<RequestID> = []
    /// The micro-batches in flight, the oldest first.
    private var flights = Deque<(id: MicroBatchID, slices: [Slice])>()

    /// The facts of a dispatched slice against which its retirement is checked.
    private struct Slice: Sendable {
        let draws: Bool
        /// Tokens of the sequence to the end of the slice.
        let end: Int
        /// Tokens for which the blocks of the slice have room.
        let room: Int
    }

    /// - Parameter text: an event log in the form that `EventLogWriter` describes.
    /// - Throws: `malformed_text` that names the line, `unknown_name`, `invalid_setting`.
    package init(_ text: String) throws(EventLogError) {
        reader = try EventLogReader(text)
        core = try reader.setup.makeCore()
        summary = Summary(counters: core.counters)
    }

    package var setup: EventLogSetup { reader.setup }

    /// Replays the run to the end of the log.
    /// - Parameter onEvent: called with each event, its time and the actions that follow from it.
    /// - Throws: `diverged` with the first line whose actions differ; `malformed_text` for a line that no run can have
    ///   written; `integrity` for a bug in the core.
    package mutating func run(
        onEvent: (EngineEvent, Instant, [EngineAction]) -> Void = { _, _, _ in }
    ) throws(EventLogError) -> Summary {
        while let entry = try reader.read() {
            try check(entry)
            actions.removeAll(keepingCapacity: true)
            core.handle(entry.event, at: entry.time, into: &actions)
            note(entry.event)
            let sum = ActionSum(actions)
            guard sum.description == entry.actions else {
                throw EventLogError(
                    .diverged,
                    "line \(entry.line.number) of the event log: the recorded core's actions are \(entry.actions), "
                        + "this one's \(sum)")
            }
            summary.events += 1
            summary.actions += actions.count
            summary.end = entry.time
            onEvent(entry.event, entry.time, actions)
        }
        do {
            try core.checkIntegrity()
        } catch {
            throw EventLogError(.integrity, error.description, cause: error)
        }
        summary.live = core.liveRequests
        summary.counters = core.counters
        return summary
    }

    /// Checks that the core may be told an event: a damaged log must not be mistaken for a bug of the core.
    private func check(_ entry: EventLogReader.Entry) throws(EventLogError) {
        guard entry.time >= summary.end else {
            throw entry.line.error("it is earlier than the line before, at \(summary.end.nanoseconds) ns")
        }
        switch entry.event {
        case .arrived(let spec):
            if live.contains(spec.id) { throw entry.line.error("\(spec.id) is there already") }
        case .retired(let id, let tokens, let computedThrough, _):
            let oldest = flights.first?.id ?? MicroBatchID(core.counters.microBatches)
            guard id <= oldest else { throw entry.line.error("\(oldest) comes before \(id)") }
            guard id == oldest else { return }
            guard let slices = flights.first?.slices else { throw entry.line.error("\(id) was not dispatched") }
            guard slices.map(\.draws) == tokens.map({ !$0.isEmpty }) else {
                throw entry.line.error("\(id) has \(slices.count) slices that draw otherwise")
            }
            let isPossible = computedThrough.indices.allSatisfy { index in
                guard slices.indices.contains(index) else { return false }
                let latest = slices[index].end + max(0, tokens[index].count - 1)
                return (slices[index].end...min(latest, slices[index].room)).contains(computedThrough[index])
            }
            guard isPossible, computedThrough.isEmpty || computedThrough.count == slices.count else {
                throw entry.line.error("\(id) has \(slices.count) slices that are computed otherwise")
            }
        case .cancelled, .stopped, .stageLost, .stageRestored, .schedule: return
        }
    }

    private func slice(of slice: SequenceSlice) -> Slice {
        Slice(
            draws: !slice.draws.isEmpty, end: slice.start + slice.tokens.count,
            room: slice.blocks.count * core.configuration.tokensPerBlock)
    }

    private mutating func note(_ event: EngineEvent) {
        switch event {
        case .arrived(let spec):
            live.insert(spec.id)
            summary.requests += 1
        case .retired(let id, _, _, _): if flights.first?.id == id { _ = flights.removeFirst() }
        case .stageLost: if core.microBatchesInFlight == 0 { flights = Deque() }
        case .cancelled, .stopped, .stageRestored, .schedule: break
        }
        for action in actions {
            switch action {
            case .dispatch(let batch): flights.append((batch.id, batch.slices.map { slice(of: $0) }))
            case .finish(let id, _), .reject(let id, _): live.remove(id)
            case .emit, .report: break
            }
        }
    }
}

extension EventLogError.Code {
    /// The actions of the replayed core differ from those of the recorded core.
    package static var diverged: Self { Self("diverged") }
}
