import Scheduling
import StageDevices

/// The data with which a stage shares work with the other stages of its pipeline.
struct SharedStage {
    let executor: any SharingExecutor
    let head: HeadShares
    /// Inboxes of the other stages that can compute some of the head; the last stage sends them its work.
    let helpers: [StageInbox]

    /// Whether to compute a layer of a micro-batch. While all micro-batches in flight are decode steps of about the
    /// same size, the border between two stages moves with their load, so that neither waits for the other. Otherwise
    /// the border is fixed: prompts must keep their order in each layer, and where large and small micro-batches take
    /// turns, a stage that went on with the small one would leave the next stage nothing to do next to the large one.
    func continues(
        _ batch: MicroBatch, at layer: Int, inbox: StageInbox, downstream: (any StageLink)?
    ) -> Bool {
        let own = executor.range.layers
        if layer < WorkSharing.firstBorder(of: own) { return true }
        let isOwn = layer < own.upperBound
        guard let downstream, batch.isAmongLikeDecodeSteps else { return isOwn }
        return WorkSharing.continues(isOwn: isOwn, hasNext: inbox.hasNext, isAwaited: downstream.isAwaited)
    }

    /// Takes pieces of the head's work for a stage until none are left.
    func run(_ job: HeadJob, for stage: StageID) throws {
        for index in job.order(of: stage) {
            let group = job.groups[index]
            var pieces = 0
            try executor.project(group) {
                let piece = job.take(index, for: stage)
                if piece != nil { pieces += 1 }
                return piece
            }
            if job.completes(index, pieces: pieces) { job.keep(try executor.draw(group), of: index) }
        }
    }
}
