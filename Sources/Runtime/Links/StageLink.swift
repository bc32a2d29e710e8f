import Scheduling
import StageDevices

/// The activations of a micro-batch that a stage hands to the next stage. The controller never sees them.
package struct StageParcel: Sendable {
    package let batch: MicroBatchID
    package let tensor: any StageTensor
    /// Seconds of each stage before for the micro-batch, in the order of stages. They travel with the activations, so
    /// that the last stage knows the times of all stages.
    package let stageSeconds: [Double]

    package init(batch: MicroBatchID, tensor: any StageTensor, stageSeconds: [Double]) {
        self.batch = batch
        self.tensor = tensor
        self.stageSeconds = stageSeconds
    }
}

/// Carries parcels into the next stage's inbox, in the order of micro-batch ids; could also be a socket or MPI.
package protocol StageLink: Sendable {
    /// Whether the receiver has nothing to do until a parcel comes. A link that cannot know says yes.
    var isAwaited: Bool { get }
    /// Hands over a parcel without waiting for the receiver; the sender does not touch the activations again.
    func send(_ parcel: StageParcel) throws
}

/// A link between two stages of one process: buffers change hands, nothing is copied.
package struct InProcessLink: StageLink {
    private let inbox: StageInbox

    package init(to inbox: StageInbox) { self.inbox = inbox }

    package var isAwaited: Bool { inbox.isWaiting }

    package func send(_ parcel: StageParcel) { inbox.add(parcel) }
}
