/// Merges a word's tokens, best merge first and leftmost first among equals, until no merge is left.
///
/// Holds the working memory, so that a text's words share it.
struct BytePairMerger {
    private let merges: MergeTable
    private var symbols: [Int32] = []
    private var ranks: [Int32] = []
    private var results: [Int32] = []

    /// Above this many symbols the heap is faster than repeated scans; below it the scans' constant wins.
    private static let scanLimit = 48
    private static let noMerge = Int32.max

    init(_ merges: MergeTable) { self.merges = merges }

    /// Merges `word` (one token a byte) and appends the outcome to `ids`.
    mutating func merge(_ word: UnsafeBufferPointer<UInt8>, byteTokens: [Int32], into ids: inout [Int32]) {
        symbols.removeAll(keepingCapacity: true)
        for byte in word {
            // A byte that the vocabulary lacks is left out, as the reference tokenizers do.
            let token = byteTokens[Int(byte)]
            if token >= 0 { symbols.append(token) }
        }
        if symbols.count > 1 {
            if symbols.count <= Self.scanLimit { mergeByScanning() } else { mergeByHeap() }
        }
        ids.append(contentsOf: symbols)
    }

    /// Looks up the merge of symbols `index` and `right` and keeps it at `index`.
    private mutating func refresh(_ index: Int, right: Int) {
        if let merge = merges.merge(symbols[index], symbols[right]) {
            ranks[index] = merge.rank
            results[index] = merge.result
        } else {
            ranks[index] = Self.noMerge
        }
    }

    private mutating func prepare() {
        let count = symbols.count
        ranks.removeAll(keepingCapacity: true)
        results.removeAll(keepingCapacity: true)
        for index in 0..<count - 1 {
            let merge = merges.merge(symbols[index], symbols[index + 1])
            ranks.append(merge?.rank ?? Self.noMerge)
            results.append(merge?.result ?? -1)
        }
        ranks.append(Self.noMerge)
        results.append(-1)
    }

    private mutating func mergeByScanning() {
        prepare()
        while true {
            var best = Self.noMerge
            var place = -1
            for index in 0..<symbols.count where ranks[index] < best {
                best = ranks[index]
                place = index
            }
            guard place >= 0 else { return }
            symbols[place] = results[place]
            symbols.remove(at: place + 1)
            ranks.remove(at: place + 1)
            results.remove(at: place + 1)
            if place + 1 < symbols.count { refresh(place, right: place + 1) } else { ranks[place] = Self.noMerge }
            if place > 0 { refresh(place - 1, right: place) }
        }
    }

    /// O(n log n): a linked list of symbols and a heap of (rank, place). An entry is stale when its place no longer
    /// has that rank.
    private mutating func mergeByHeap() {
        prepare()
        let count = symbols.count
        var next = (1...count).map { $0 }
        var previous = (-1..<count - 1).map { $0 }
        var heap = MergeHeap(ranks: ranks, noMerge: Self.noMerge)
        while let (rank, place) = heap.popFirst() {
            guard ranks[place] == rank else { continue }
            let absorbed = next[place]
            let after = next[absorbed]
            symbols[place] = results[place]
            symbols[absorbed] = -1
            ranks[absorbed] = Self.noMerge
            next[place] = after
            if after < count {
                previous[after] = place
                refresh(place, right: after)
                if ranks[place] != Self.noMerge { heap.insert(rank: ranks[place], place: place) }
            } else {
                ranks[place] = Self.noMerge
            }
            let before = previous[place]
            if before >= 0 {
                refresh(before, right: place)
                if ranks[before] != Self.noMerge { heap.insert(rank: ranks[before], place: before) }
            }
        }
        symbols.removeAll { $0 < 0 }
    }
}
