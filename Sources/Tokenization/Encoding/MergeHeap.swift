/// A binary min-heap of merges that may be applied, ordered by rank and then by place in the word.
struct MergeHeap {
    private struct Entry {
        let rank: Int32
        let place: Int

        static func < (a: Entry, b: Entry) -> Bool { a.rank == b.rank ? a.place < b.place : a.rank < b.rank }
    }

    private var entries: [Entry] = []

    /// A heap of the merges by place; a rank of `Int32.max` means no merge.
    init(_ merges: [Merge]) {
        for (place, merge) in merges.enumerated() where merge.rank != .max {
            entries.append(Entry(rank: merge.rank, place: place))
        }
        for root in stride(from: entries.count / 2 - 1, through: 0, by: -1) { siftDown(root) }
    }

    /// Adds a merge, unless its rank is `Int32.max`.
    mutating func insert(_ merge: Merge, place: Int) {
        guard merge.rank != .max else { return }
        var child = entries.count
        let entry = Entry(rank: merge.rank, place: place)
        entries.append(entry)
        while child > 0 {
            let parent = (child - 1) / 2
            guard entry < entries[parent] else { break }
            entries[child] = entries[parent]
            child = parent
        }
        entries[child] = entry
    }

    mutating func popFirst() -> (rank: Int32, place: Int)? {
        guard let first = entries.first, let last = entries.popLast() else { return nil }
        if !entries.isEmpty {
            entries[0] = last
            siftDown(0)
        }
        return (first.rank, first.place)
    }

    private mutating func siftDown(_ root: Int) {
        let entry = entries[root]
        var parent = root
        while true {
            var child = 2 * parent + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
            guard entries[child] < entry else { break }
            entries[parent] = entries[child]
            parent = child
        }
        entries[parent] = entry
    }
}
