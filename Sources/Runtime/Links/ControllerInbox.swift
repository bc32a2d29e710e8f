import Platform
import Scheduling

/// An event for the controller, from a stage or from a caller with requests.
enum ControllerEvent: Sendable {
    /// Requests came in, in this order.
    case arrived([Submission])
    /// The caller gives a request up.
    case cancelled(RequestID)
    /// The caller found the end of an answer in its text.
    case stopped(RequestID)
    /// A micro-batch is done. Holds the drawn tokens of each slice, and the seconds of each stage (its layers and its
    /// share of the output head).
    case retired(MicroBatchID, [[SampledToken]], stageSeconds: [Double])
    /// A stage cannot go on.
    case failed(StageID, String)
    /// The caller cannot go on.
    case aborted(any Error)
    /// No more requests come: the run ends when all requests have ended.
    case finish
    /// No more requests come, and all requests are cancelled.
    case stop
}

/// The mailbox on which the controller sleeps. Adding never blocks and may be done from any thread; taking waits.
///
/// Micro-batches are done in any order, since a micro-batch that draws nothing ends with the last stage's layers, and
/// any other with the last share of the head. The controller hears of micro-batches in the order of dispatch, and is
/// woken only when there is an event for it.
final class ControllerInbox: @unchecked Sendable {
    // Unchecked: the lock guards the state.
    private let lock = ConditionLock()
    private var ready: [ControllerEvent] = []
    /// Dispatched micro-batches that the controller has not been told of.
    private var inFlight = OrderedRetirements()
    /// Whether requests are taken in.
    private var isOpen = true
    /// Whether events are no longer taken.
    private var hasEnded = false

    /// A micro-batch begins. Called in the order of ids.
    func expect(_ batch: MicroBatchID) { lock.withLock { inFlight.expect(batch) } }

    /// A micro-batch that was expected is done.
    func retire(_ batch: MicroBatchID, _ tokens: [[SampledToken]], stageSeconds: [Double]) {
        change { inFlight.retire(batch, tokens, stageSeconds: stageSeconds, into: &ready) }
    }

    func fail(_ stage: StageID, _ why: String) { add(.failed(stage, why)) }

    /// Adds an event, whether or not requests are still taken in.
    func add(_ event: ControllerEvent) {
        change {
            if !hasEnded { ready.append(event) }
        }
    }

    /// Adds requests. Returns false if no more requests are taken in: then the requests are dropped.
    func submit(_ submissions: [Submission]) -> Bool {
        var isTaken = false
        change {
            isTaken = isOpen
            if isTaken { ready.append(.arrived(submissions)) }
        }
        return isTaken
    }

    /// Adds an event, and takes no more requests in.
    func close(_ event: ControllerEvent) {
        change {
            isOpen = false
            if !hasEnded { ready.append(event) }
        }
    }

    /// Takes all events so far; waits until there is at least one.
    func takeAll() -> [ControllerEvent] {
        lock.withLock {
            while ready.isEmpty { lock.wait() }
            defer { ready = [] }
            return ready
        }
    }

    /// Ends the mailbox: no request is taken in from here on.
    /// - Returns: the events that were not taken.
    func end() -> [ControllerEvent] {
        lock.withLock {
            isOpen = false
            hasEnded = true
            defer { ready = [] }
            return ready
        }
    }

    private func change(_ body: () -> Void) {
        let wakes = lock.withLock {
            body()
            return !ready.isEmpty
        }
        if wakes { lock.broadcast() }
    }
}
