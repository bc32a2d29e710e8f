import Platform

/// The working memory of one encoding at a time.
///
/// Unchecked: `ScratchPool` gives each scratch to one encoding at a time.
final class EncodingScratch: @unchecked Sendable {
    var merger = BytePairMerger()
    let cache = WordCache()
    /// A text in its normal form.
    var text: [UInt8] = []
    /// A word in its normal form.
    var word: [UInt8] = []
    var lattice = UnigramLattice()
}

/// Keeps working memory for later encodings: as many scratches as there were encodings at the same time.
final class ScratchPool: Sendable {
    private let free = Guarded<[EncodingScratch]>([])

    /// Calls `body` with working memory that no other encoding uses meanwhile.
    func withScratch<Result, Failure: Error>(
        _ body: (EncodingScratch) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let scratch = free.withLock { $0.popLast() } ?? EncodingScratch()
        defer { free.withLock { $0.append(scratch) } }
        return try body(scratch)
    }
}
