/// Merges a word's symbols, best merge first and leftmost first among equals, until no merge is left.
///
/// The merger holds the working memory, which the words of a text share.
struct BytePairMerger {
    /// A token, or -1 for a character that is not a token, and where its bytes start in the word.
    struct Symbol {
        var id: Int32
        var start: Int32
    }

    /// The word's symbols, in order. The caller sets the symbols before a merge and reads the result from them.
    var symbols: [Symbol] = []
    private var merges: [Merge] = []

    /// Above this many symbols the heap is faster than repeated scans; below it the scans' constant wins.
    private static let scanLimit = 48
    private static let noMerge = Merge(rank: .max, result: -1)

    /// Merges `symbols`, which cover the bytes of `word`.
    mutating func merge(_ word: UnsafeBufferPointer<UInt8>, by rule: some MergeRule) {
        guard symbols.count > 1 else { return }
        merges.removeAll(keepingCapacity: true)
        for index in 0..<symbols.count - 1 {
            let end = index + 2 < symbols.count ? Int(symbols[index + 2].start) : word.count
            merges.append(Self.merge(symbols[index], symbols[index + 1], end: end, word, rule))
        }
        merges.append(Self.noMerge)
        if symbols.count <= Self.scanLimit { mergeByScanning(word, rule) } else { mergeByHeap(word, rule) }
    }

    /// The merge of two neighbours; the right one ends at `end`.
    @inline(__always)
    private static func merge(
        _ left: Symbol, _ right: Symbol, end: Int, _ word: UnsafeBufferPointer<UInt8>, _ rule: some MergeRule
    ) -> Merge {
        let text = UnsafeBufferPointer(rebasing: word[Int(left.start)..<end])
        return rule.merge(left.id, right.id, text: text) ?? noMerge
    }

    private mutating func mergeByScanning(_ word: UnsafeBufferPointer<UInt8>, _ rule: some MergeRule) {
        let kept = symbols.withUnsafeMutableBufferPointer { symbols in
            merges.withUnsafeMutableBufferPointer { merges in
                Self.mergeByScanning(symbols, merges, word, rule)
            }
        }
        symbols.removeLast(symbols.count - kept)
    }

    private static func mergeByScanning(
        _ symbols: UnsafeMutableBufferPointer<Symbol>, _ merges: UnsafeMutableBufferPointer<Merge>,
        _ word: UnsafeBufferPointer<UInt8>, _ rule: some MergeRule
    ) -> Int {
        var count = symbols.count
        func end(_ index: Int) -> Int { index + 1 < count ? Int(symbols[index + 1].start) : word.count }
        while true {
            var best = Int32.max
            var place = -1
            for index in 0..<count where merges[index].rank < best {
                best = merges[index].rank
                place = index
            }
            guard place >= 0 else { return count }
            symbols[place].id = merges[place].result
            count -= 1
            for index in place + 1..<max(count, place + 1) {
                symbols[index] = symbols[index + 1]
                merges[index] = merges[index + 1]
            }
            merges[place] =
                place + 1 < count
                ? merge(symbols[place], symbols[place + 1], end: end(place + 1), word, rule) : noMerge
            if place > 0 {
                merges[place - 1] = merge(symbols[place - 1], symbols[place], end: end(place), word, rule)
            }
        }
    }

    /// O(n log n): a linked list of symbols and a heap of (rank, place). An entry of the heap is stale when its place
    /// no longer has the entry's rank.
    private mutating func mergeByHeap(_ word: UnsafeBufferPointer<UInt8>, _ rule: some MergeRule) {
        let count = symbols.count
        var next = (1...count).map { $0 }
        var previous = (-1..<count - 1).map { $0 }
        var isAbsorbed = [Bool](repeating: false, count: count)
        var heap = MergeHeap(merges)
        func end(_ place: Int) -> Int { next[place] < count ? Int(symbols[next[place]].start) : word.count }
        while let (rank, place) = heap.popFirst() {
            guard merges[place].rank == rank else { continue }
            let absorbed = next[place]
            symbols[place].id = merges[place].result
            isAbsorbed[absorbed] = true
            merges[absorbed] = Self.noMerge
            merges[place] = Self.noMerge
            next[place] = next[absorbed]
            if next[place] < count {
                let after = next[place]
                previous[after] = place
                merges[place] = Self.merge(symbols[place], symbols[after], end: end(after), word, rule)
                heap.insert(merges[place], place: place)
            }
            let before = previous[place]
            if before >= 0 {
                merges[before] = Self.merge(symbols[before], symbols[place], end: end(place), word, rule)
                heap.insert(merges[before], place: before)
            }
        }
        var kept = 0
        for place in 0..<count where !isAbsorbed[place] {
            symbols[kept] = symbols[place]
            kept += 1
        }
        symbols.removeLast(count - kept)
    }
}
