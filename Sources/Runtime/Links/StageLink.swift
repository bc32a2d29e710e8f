import Scheduling
import StageDevices

/// What a stage hands to the next one for a micro-batch. The controller never sees it.
package struct StageParcel: Sendable {
    package let batch: MicroBatchID
    package let tensor: any StageTensor
    /// Seconds that each stage before computed the micro-batch, in the order of stages: they travel with it, so that
    /// nobody has to ask.
    package let stageSeconds: [Double]

    package init(batch: MicroBatchID, tensor: any StageTensor, stageSeconds: [Double]) {
        self.batch = batch
        self.tensor = tensor
        self.stageSeconds = stageSeconds
    }
}

/// Carries parcels into the next stage's inbox, in the order of micro-batch ids. A socket or MPI looks alike from here.
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
