/// The one logical pool of KV blocks. What was freed last is handed out first, so that equal histories give equal block
/// tables and a small run stays in few pages.
struct BlockPool: Sendable {
    let total: Int
    /// Free blocks; the next one to hand out is the last.
    private(set) var free: [BlockID]

    init(total: Int) {
        self.total = total
        free = (0..<total).reversed().map { BlockID($0) }
    }

    var freeCount: Int { free.count }
    var usedCount: Int { total - free.count }

    mutating func take() -> BlockID {
        precondition(!free.isEmpty, "the plan took a block from an empty pool")
        return free.removeLast()
    }

    mutating func give(_ blocks: [BlockID]) {
        free.append(contentsOf: blocks.reversed())
        precondition(free.count <= total, "a block was freed twice")
    }
}
