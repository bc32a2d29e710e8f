import Scheduling
import Transformer

/// Carries activations from one stage to the next, in the order of micro-batch ids. The controller never sees them.
///
/// Sending does not wait for the receiver. An in-process queue, a socket and MPI look alike from here.
public protocol StageLink: Sendable {
    /// Hands over a micro-batch's activations; the sender does not touch them again.
    func send(_ batch: MicroBatchID, _ activations: Activations) throws
    /// Waits for the activations of `batch`. nil if the link was closed.
    func receive(_ batch: MicroBatchID) throws -> Activations?
    func close()
}

/// A link between two stages of one process: buffers change hands, nothing is copied.
public final class InProcessLink: StageLink {
    private struct Parcel: Sendable {
        let batch: MicroBatchID
        let activations: Activations
    }
    private let box = Mailbox<Parcel>()

    public init() {}

    public func send(_ batch: MicroBatchID, _ activations: Activations) {
        box.send(Parcel(batch: batch, activations: activations))
    }

    public func receive(_ batch: MicroBatchID) -> Activations? {
        guard let parcel = box.receive() else { return nil }
        precondition(parcel.batch == batch, "\(parcel.batch) came over the link where \(batch) was due")
        return parcel.activations
    }

    public func close() { box.close() }
}
