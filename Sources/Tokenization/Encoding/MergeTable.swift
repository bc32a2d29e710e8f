/// The token that two neighbouring tokens merge into, and the priority of the merge.
struct Merge: Sendable {
    /// The merge's place in the list; lower ranks merge first.
    let rank: Int32
    let result: Int32
}

/// A rule that decides which neighbours merge.
protocol MergeRule: Sendable {
    /// The merge of two neighbours.
    /// - Parameters:
    ///   - left: the left token, or -1 for a character that is not a token.
    ///   - right: the right token, or -1 for a character that is not a token.
    ///   - text: the bytes of both.
    func merge(_ left: Int32, _ right: Int32, text: UnsafeBufferPointer<UInt8>) -> Merge?
}

/// The merges of a BPE vocabulary: a hash table from a pair of token ids.
struct MergeTable: MergeRule {
    private struct Slot {
        /// Both ids in one word. Ids are not negative, so a word of all ones marks a free slot.
        var pair: UInt64 = .max
        var merge = Merge(rank: 0, result: 0)
    }

    private var slots: [Slot]

    init(capacity: Int) {
        var size = 16
        while size * 5 < 8 * capacity { size *= 2 }
        slots = [Slot](repeating: Slot(), count: size)
    }

    /// Adds a merge; a pair given twice keeps its last merge. At most `capacity` pairs may be added.
    mutating func insert(left: Int32, right: Int32, merge: Merge) {
        let pair = Self.pair(left, right)
        let slot = slot(of: pair)
        slots[slot] = Slot(pair: pair, merge: merge)
    }

    /// The merge of two neighbouring tokens; -1 merges with no token.
    @inline(__always)
    func merge(_ left: Int32, _ right: Int32, text: UnsafeBufferPointer<UInt8>) -> Merge? {
        let pair = Self.pair(left, right)
        let found = slots[slot(of: pair)]
        return found.pair == pair && left | right >= 0 ? found.merge : nil
    }

    @inline(__always)
    private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    @inline(__always)
    private func slot(of pair: UInt64) -> Int {
        let mask = slots.count - 1
        var hash = pair &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 32
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot].pair != pair, slots[slot].pair != .max { slot = (slot + 1) & mask }
        return slot
    }
}
