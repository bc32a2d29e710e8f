/// How stages of one process share a micro-batch's work: rules that the runtime and its simulation both follow.
public enum WorkSharing {
    /// Pieces that the output head is cut into over all stages: so small that stages end together, so large that taking
    /// one costs nothing beside it.
    public static let headPieces = 48

    /// How many of a stage's `count` layers its neighbours may compute, at either end: a quarter, rounded up. That makes up
    /// for cores of unlike speed, and keeps the stages one behind the other. If a whole stage could be handed on, two
    /// micro-batches would come to be computed side by side, retire together, and be merged by policies that take all
    /// sequences that are there.
    public static func sharedLayers(of count: Int) -> Int { (count + 3) / 4 }

    /// The first layer before which a stage may leave the rest of its `own` to the next one; it computes one at least.
    public static func firstBorder(of own: Range<Int>) -> Int {
        max(own.lowerBound + 1, own.upperBound - sharedLayers(of: own.count))
    }

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
