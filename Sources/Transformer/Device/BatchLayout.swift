import Scheduling

/// Where the rows of a micro-batch come from: worked out once a batch, read by every layer.
struct BatchLayout {
    struct Slice {
        /// Rows of the batch that belong to the slice.
        let rows: Range<Int>
        /// Position of the first row in its sequence.
        let start: Int
        let blocks: [BlockID]
    }
    struct AttentionTask {
        let slice: Int
        let kvHead: Int
        /// Rows within the slice.
        let rows: Range<Int>
    }
    private(set) var slices: [Slice] = []
    /// For each row its position and its slice.
    private(set) var positions: [Int] = []
    private(set) var sliceOfRow: [Int] = []
    private(set) var tasks: [AttentionTask] = []
    private(set) var highestPosition = 0
    /// The most rows of a slice.
    private(set) var longestTask = 1
    /// The last row of each slice that draws a token.
    private(set) var drawing: [Int] = []

    var rows: Int { positions.count }

    /// Rows of a prefill chunk that one attention task takes; small enough to share a chunk among the team.
    private static let taskRows = 64

    init(_ batch: MicroBatch, kvHeads: Int, blockCount: Int) {
        for (index, slice) in batch.slices.enumerated() {
            precondition(slice.blocks.allSatisfy { $0 >= 0 && $0 < blockCount }, "a block outside the pool")
            let first = positions.count
            for offset in slice.tokens.indices {
                positions.append(slice.start + offset)
                sliceOfRow.append(index)
            }
            slices.append(Slice(rows: first..<positions.count, start: slice.start, blocks: slice.blocks))
            highestPosition = max(highestPosition, slice.start + slice.tokens.count - 1)
            if slice.sampling != nil { drawing.append(positions.count - 1) }
            for from in stride(from: 0, to: slice.tokens.count, by: Self.taskRows) {
                let rows = from..<min(from + Self.taskRows, slice.tokens.count)
                longestTask = max(longestTask, rows.count)
                for head in 0..<kvHeads { tasks.append(AttentionTask(slice: index, kvHead: head, rows: rows)) }
            }
        }
    }
}
