/// How stages of one process share a micro-batch's work: rules that the runtime and its simulation both follow.
public enum WorkSharing {
    /// Pieces that the output head is cut into over all stages: so small that stages end together, so large that taking
    /// one costs nothing beside it.
    public static let headPieces = 48

    /// Whether a stage computes the next layer of the micro-batch that it is at, where the border to the next stage may
    /// move (`MicroBatch.isAmongLikeDecodeSteps`). Of its own layers it leaves the rest to a next stage that waits, if
    /// there is other work here. Beyond them it goes on while the next stage is busy and there is nothing else to do.
    ///
    /// - Parameters:
    ///   - isOwn: whether the layer is the stage's own, not the next one's.
    ///   - hasNext: whether there is other work for the stage.
    ///   - isAwaited: whether the next stage has nothing to do until it gets the micro-batch.
    public static func continues(isOwn: Bool, hasNext: Bool, isAwaited: Bool) -> Bool {
        isOwn ? !(isAwaited && hasNext) : !(isAwaited || hasNext)
    }
}
