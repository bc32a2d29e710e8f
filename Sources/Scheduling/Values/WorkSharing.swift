/// How the stages of one process share the work of a micro-batch: rules for both the runtime and its simulation.
public enum WorkSharing {
    /// The number of pieces into which the output head is cut over all stages: small enough that stages end together,
    /// and large enough that the cost of taking a piece is negligible.
    public static let headPieces = 48

    /// How many of a stage's `count` layers its neighbours may compute, at either end: a quarter, rounded up. This
    /// share evens out cores of different speeds, and keeps the stages one behind the other. If a whole stage could be
    /// handed on, two micro-batches would be computed side by side, retire together, and be merged by policies that
    /// take all ready sequences.
    public static func sharedLayers(of count: Int) -> Int { (count + 3) / 4 }

    /// The first layer before which a stage may leave the rest of its `own` layers to the next stage; a stage computes
    /// at least one layer.
    public static func firstBorder(of own: Range<Int>) -> Int {
        max(own.lowerBound + 1, own.upperBound - sharedLayers(of: own.count))
    }

    /// Whether a stage computes the next layer of its current micro-batch, if the border to the next stage may move
    /// (`MicroBatch.isAmongLikeDecodeSteps`). A stage leaves the rest of its own layers to a next stage that waits, if
    /// the stage has other work. It goes on beyond its own layers while the next stage is busy and it has no other
    /// work.
    ///
    /// - Parameters:
    ///   - isOwn: whether the layer is the stage's own, not the next stage's.
    ///   - hasNext: whether there is other work for the stage.
    ///   - isAwaited: whether the next stage has nothing to do until it gets the micro-batch.
    public static func continues(isOwn: Bool, hasNext: Bool, isAwaited: Bool) -> Bool {
        isOwn ? !(isAwaited && hasNext) : !(isAwaited || hasNext)
    }
}
