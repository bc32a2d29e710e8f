import Platform
import Scheduling

/// What the controller is told: by the stages, and by those who have requests.
enum ControllerEvent: Sendable {
    /// Requests came in, in this order.
    case arrived([Submission])
    /// The caller gives a request up.
    case cancelled(RequestID)
    /// The caller found the end of an answer in its text.
    case stopped(RequestID)
    /// A micro-batch is done: for each slice the tokens drawn, and the seconds that each stage computed it (its layers
    /// and its share of the output head).
    case retired(MicroBatchID, [[SampledToken]], stageSeconds: [Double])
    /// A stage cannot go on.
    case failed(StageID, String)
    /// The caller cannot go on.
    case aborted(any Error)
    /// No more requests come: the run ends when those that are there have ended.
    case finish
    /// No more requests come, and those that are there are cancelled.
    case stop
}

/// The one mailbox that the controller sleeps on. Adding never blocks and may be done from any thread; taking waits.
///
/// Micro-batches are done in any order, since those that draw nothing end with the last stage's layers and the others with
/// the last share of the head. The controller hears of them in the order of dispatch, and is woken only when it has
/// something to hear.
final class ControllerInbox: @unchecked Sendable {
    // Unchecked: the lock guards the state.
    private let lock = ConditionLock()
    private var ready: [ControllerEvent] = []
    /// Dispatched micro-batches that the controller has not been told of.
    private var inFlight = OrderedRetirements()
    /// Whether requests are taken in.
    private var isOpen = true
    /// Whether nobody takes anything any more.
    private var hasEnded = false

    /// A micro-batch begins. Called in the order of ids.
    func expect(_ batch: MicroBatchID) { lock.withLock { inFlight.expect(batch) } }

    /// A micro-batch that was expected is done.
    func retire(_ batch: MicroBatchID, _ tokens: [[SampledToken]], stageSeconds: [Double]) {
        change { inFlight.retire(batch, tokens, stageSeconds: stageSeconds, into: &ready) }
    }

    func fail(_ stage: StageID, _ why: String) { add(.failed(stage, why)) }

    /// Tells of something that holds whether or not requests are taken in.
    func add(_ event: ControllerEvent) {
        change {
            if !hasEnded { ready.append(event) }
        }
    }

    /// Adds requests. False if no more are taken in: then nothing comes of them.
    func submit(_ submissions: [Submission]) -> Bool {
        var isTaken = false
        change {
            isTaken = isOpen
            if isTaken { ready.append(.arrived(submissions)) }
        }
        return isTaken
    }

    /// Takes no more requests in.
    func close(_ event: ControllerEvent) {
        change {
            isOpen = false
            if !hasEnded { ready.append(event) }
        }
    }

    /// All events so far, at least one; waits for it.
    func takeAll() -> [ControllerEvent] {
        lock.withLock {
            while ready.isEmpty { lock.wait() }
            defer { ready = [] }
            return ready
        }
    }

    /// Ends the mailbox: no request is taken in from here on.
    /// - Returns: what was not taken.
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
