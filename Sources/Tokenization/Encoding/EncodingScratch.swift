import Platform

/// The working memory of one encoding at a time.
///
/// Unchecked, since `ScratchPool` hands each to one encoding alone.
final class EncodingScratch: @unchecked Sendable {
    var merger = BytePairMerger()
    let cache = WordCache()
    /// A text or a word in its normal form.
    var text: [UInt8] = []
    var word: [UInt8] = []
    var lattice = UnigramLattice()
}

/// Keeps working memory from one encoding for the next, as many pieces as there were encodings at once.
final class ScratchPool: Sendable {
    private let free = Guarded<[EncodingScratch]>([])

    /// Calls `body` with working memory that nobody else uses meanwhile.
    func withScratch<Result, Failure: Error>(
        _ body: (EncodingScratch) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let scratch = free.withLock { $0.popLast() } ?? EncodingScratch()
        defer { free.withLock { $0.append(scratch) } }
        return try body(scratch)
    }
}
