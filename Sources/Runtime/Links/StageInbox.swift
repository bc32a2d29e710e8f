import DequeModule
import Platform
import Scheduling

/// The work queue of one stage: micro-batches from the controller, activations from the stage before, and work of the
/// output head from the last stage. Adding never blocks and may be done from any thread; one thread takes.
package final class StageInbox: @unchecked Sendable {
    // Unchecked: the lock guards the state.
    private let lock = ConditionLock()
    private let needsActivations: Bool
    private var batches = Deque<MicroBatch>()
    private var parcels = Deque<StageParcel>()
    private var jobs = Deque<HeadJob>()
    private var isClosed = false
    private var waits = false

    /// The next work of the stage.
    package enum Task: Sendable {
        /// Runs a micro-batch through the layers. The parcel is nil on the first stage.
        case layers(MicroBatch, StageParcel?)
        /// Computes the remaining pieces of a micro-batch's output head.
        case head(HeadJob)
    }

    /// - Parameter needsActivations: false for the first stage of a pipeline.
    package init(needsActivations: Bool) { self.needsActivations = needsActivations }

    /// Adds the metadata of a micro-batch, in the order of ids.
    package func add(_ batch: MicroBatch) { change { batches.append(batch) } }

    /// Adds the activations of a micro-batch, in the order of ids. Activations may come before the metadata.
    package func add(_ parcel: StageParcel) { change { parcels.append(parcel) } }

    /// Adds work of the output head.
    package func add(_ job: HeadJob) { change { jobs.append(job) } }

    /// Closes the inbox: `next` returns nil from here on, and tasks that were not taken are dropped.
    package func close() { change { isClosed = true } }

    /// The next task; waits for one. The output head goes first, since its requests wait for nothing else;
    /// then the next micro-batch in the order of ids, once its activations are there. nil once the inbox is closed.
    package func next() -> Task? {
        lock.withLock {
            while !isReady {
                waits = true
                lock.wait()
            }
            waits = false
            if isClosed { return nil }
            if let job = jobs.popFirst() { return .head(job) }
            let batch = batches.removeFirst()
            let parcel = needsActivations ? parcels.removeFirst() : nil
            precondition(parcel == nil || parcel!.batch == batch.id, "activations came out of order")
            return .layers(batch, parcel)
        }
    }

    /// Whether `next` would return at once.
    package var hasNext: Bool { lock.withLock { isReady } }

    /// Whether the stage sleeps in `next` and has nothing to do.
    package var isWaiting: Bool { lock.withLock { waits && !isReady } }

    private var isReady: Bool {
        isClosed || !jobs.isEmpty || !batches.isEmpty && !(needsActivations && parcels.isEmpty)
    }

    /// Wakes the stage only if there is a task for it, since it shares its core with others.
    private func change(_ body: () -> Void) {
        let wakes = lock.withLock {
            body()
            return isReady
        }
        if wakes { lock.broadcast() }
    }
}
