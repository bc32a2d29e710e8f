/// The KV blocks of the one logical pool: the free blocks, and a reference count for each block.
///
/// A sequence holds its blocks in a `Table`. It takes free blocks, or shares the blocks of another sequence that begins
/// with the same tokens. It gives blocks back when its end is rolled back, or all of them at once. A block is free
/// again when its last owner gives it back, and an owner does so only while no micro-batch in flight holds the owner's
/// tokens: so no stage may be at work on a free block. The block freed last is handed out first, so that equal
/// histories give equal block tables and a small run stays in few pages.
package struct KVBlocks: Sendable {
    /// The blocks of one sequence, in the order of its tokens. Only the pool of the blocks changes a table.
    package struct Table: Sendable {
        package fileprivate(set) var blocks: [BlockID] = []

        package init() {}
    }

    package let total: Int
    package let tokensPerBlock: Int
    /// Free blocks; the next one to hand out is the last.
    private var free: [BlockID]
    /// By block: its reference count, the number of tables that hold it.
    private var owners: [Int32]

    package init(total: Int, tokensPerBlock: Int) {
        self.total = total
        self.tokensPerBlock = tokensPerBlock
        free = (0..<total).reversed().map { BlockID($0) }
        owners = [Int32](repeating: 0, count: total)
    }

    package var freeCount: Int { free.count }
    package var usedCount: Int { total - free.count }

    /// The number of sequences that own a block; 0 for a free block.
    package func ownerCount(of block: BlockID) -> Int { Int(owners[Int(block)]) }

    /// Takes free blocks until a table has room for `tokens` tokens. Running out of blocks is a failed precondition.
    package mutating func grow(_ table: inout Table, toTokens tokens: Int) {
        let count = blockCount(holding: tokens)
        while table.blocks.count < count {
            precondition(!free.isEmpty, "the plan took a block from an empty pool")
            let block = free.removeLast()
            owners[Int(block)] = 1
            table.blocks.append(block)
        }
    }

    /// A table for another sequence with the same first tokens. Only full blocks, which are not written, are shared.
    /// - Parameter tokens: computed tokens that both sequences begin with; a multiple of `tokensPerBlock`.
    package mutating func share(_ table: Table, tokens: Int) -> Table {
        precondition(
            tokens % tokensPerBlock == 0 && tokens <= table.blocks.count * tokensPerBlock,
            "\(tokens) tokens are no whole blocks of \(tokensPerBlock), or more than \(table.blocks.count) of them")
        var other = Table()
        other.blocks = Array(table.blocks.prefix(tokens / tokensPerBlock))
        for block in other.blocks { owners[Int(block)] += 1 }
        return other
    }

    /// Gives up the blocks after the first `tokens` tokens; later tokens are void. The sequence may write on after the
    /// last token that is left, so a partly filled last block must not be shared.
    /// - Parameter inFlight: micro-batches in flight that hold tokens of the table's owner; must be 0.
    package mutating func rollBack(_ table: inout Table, toTokens tokens: Int, inFlight: Int) {
        precondition(inFlight == 0, "blocks were given up that \(inFlight) micro-batches in flight may touch")
        let count = blockCount(holding: tokens)
        precondition(count <= table.blocks.count, "\(table.blocks.count) blocks were rolled back to \(tokens) tokens")
        if tokens % tokensPerBlock != 0 {
            precondition(owners[Int(table.blocks[count - 1])] == 1, "a shared block was rolled back in part")
        }
        for block in table.blocks[count...].reversed() {
            owners[Int(block)] -= 1
            precondition(owners[Int(block)] >= 0, "block \(block) was freed twice")
            if owners[Int(block)] == 0 { free.append(block) }
        }
        if count == 0 { table.blocks = [] } else { table.blocks.removeSubrange(count...) }
    }

    /// Gives up all blocks of a sequence. Returns false, and keeps the blocks, while micro-batches in flight hold
    /// tokens of the sequence: the caller has to ask again when one of the micro-batches retires.
    package mutating func giveBack(_ table: inout Table, inFlight: Int) -> Bool {
        guard inFlight == 0 else { return false }
        rollBack(&table, toTokens: 0, inFlight: 0)
        return true
    }

    private func blockCount(holding tokens: Int) -> Int { (tokens + tokensPerBlock - 1) / tokensPerBlock }

    /// Counts the owners of all blocks anew.
    /// - Parameter tables: of all sequences.
    /// - Throws: if the owners of a block are miscounted, or if a block is both free and owned, or neither.
    package func checkIntegrity(_ tables: some Swift.Sequence<Table>) throws(IntegrityError) {
        var counted = [Int32](repeating: 0, count: total)
        // The last table in which a block was seen, counted from 1.
        var seen = [Int](repeating: 0, count: total)
        for (index, table) in tables.enumerated() {
            for block in table.blocks {
                let isFirst = seen[Int(block)] != index + 1
                guard isFirst else { throw IntegrityError(description: "block \(block) stands twice in a table") }
                seen[Int(block)] = index + 1
                counted[Int(block)] += 1
            }
        }
        for block in 0..<total where counted[block] != owners[block] {
            throw IntegrityError(
                description: "block \(block) has \(counted[block]) owners, and \(owners[block]) are counted")
        }
        for block in free {
            guard counted[Int(block)] == 0 else {
                throw IntegrityError(description: "block \(block) is free, and owned or free twice")
            }
            counted[Int(block)] = -1
        }
        if let lost = counted.firstIndex(of: 0) { throw IntegrityError(description: "block \(lost) is lost") }
    }
}
