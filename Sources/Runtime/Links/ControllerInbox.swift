import Platform
import Scheduling

/// What a pipeline tells its controller.
enum PipelineEvent: Sendable {
    /// A micro-batch is done: for each slice the tokens drawn, and the seconds that each stage computed it (its layers
    /// and its share of the output head).
    case retired(MicroBatchID, [[SampledToken]], stageSeconds: [Double])
    case failed(StageID, String)
    /// Somebody wants the controller's attention.
    case wakeUp
}

/// The controller's queue of events. Adding never blocks; taking does.
///
/// Micro-batches are done in any order, since those that draw nothing end with the last stage's layers and the others with
/// the last share of the head. The controller hears of them in the order of dispatch, and is woken only when it has
/// something to hear.
final class ControllerInbox: @unchecked Sendable {
    // Unchecked: the lock guards the state.
    private let lock = ConditionLock()
    private var ready: [PipelineEvent] = []
    /// Dispatched micro-batches that the controller has not been told of.
    private var inFlight = OrderedRetirements()

    /// A micro-batch begins. Called in the order of ids.
    func expect(_ batch: MicroBatchID) { lock.withLock { inFlight.expect(batch) } }

    /// A micro-batch that was expected is done.
    func retire(_ batch: MicroBatchID, _ tokens: [[SampledToken]], stageSeconds: [Double]) {
        change { inFlight.retire(batch, tokens, stageSeconds: stageSeconds, into: &ready) }
    }

    func fail(_ stage: StageID, _ why: String) { change { ready.append(.failed(stage, why)) } }

    func wakeUp() { change { ready.append(.wakeUp) } }

    /// All events so far, at least one; waits for it.
    func takeAll() -> [PipelineEvent] {
        lock.withLock {
            while ready.isEmpty { lock.wait() }
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
