import DequeModule
import Platform
import Scheduling

/// Everything that one stage is given to do: micro-batches from the controller, activations from the stage before, work
/// of the output head from the last stage. Adding never blocks and may be done from any thread; one thread takes.
package final class StageInbox: @unchecked Sendable {
    // Unchecked: the lock guards the state.
    private let lock = ConditionLock()
    private let needsActivations: Bool
    private var batches = Deque<MicroBatch>()
    private var parcels = Deque<StageParcel>()
    private var jobs = Deque<HeadJob>()
    private var isClosed = false
    private var waits = false

    /// What the stage does next.
    package enum Task: Sendable {
        /// Runs a micro-batch through the layers. The parcel is nil on the first stage.
        case layers(MicroBatch, StageParcel?)
        /// Computes what is left of a micro-batch's output head.
        case head(HeadJob)
    }

    /// - Parameter needsActivations: false for the first stage of a pipeline.
    package init(needsActivations: Bool) { self.needsActivations = needsActivations }

    /// A micro-batch's metadata, in the order of ids.
    package func add(_ batch: MicroBatch) { change { batches.append(batch) } }

    /// A micro-batch's activations, in the order of ids. They may come before the metadata.
    package func add(_ parcel: StageParcel) { change { parcels.append(parcel) } }

    /// Work of the output head.
    package func add(_ job: HeadJob) { change { jobs.append(job) } }

    /// `next` gives nil from here on; what was not taken is dropped.
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

    /// Whether `next` would give something at once.
    package var hasNext: Bool { lock.withLock { isReady } }

    /// Whether the stage waits for something that is not there.
    package var isWaiting: Bool { lock.withLock { waits && !isReady } }

    private var isReady: Bool {
        isClosed || !jobs.isEmpty || !batches.isEmpty && !(needsActivations && parcels.isEmpty)
    }

    /// Wakes the stage only for something that it can do: it shares its core with others.
    private func change(_ body: () -> Void) {
        let wakes = lock.withLock {
            body()
            return isReady
        }
        if wakes { lock.broadcast() }
    }
}
