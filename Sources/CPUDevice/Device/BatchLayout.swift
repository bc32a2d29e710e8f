import Scheduling

/// How the rows of a micro-batch map to slices and attention tasks: computed once per batch, read by every layer. The
/// next batch reuses the memory.
final class BatchLayout {
    struct Slice {
        /// Rows of the batch that belong to the slice.
        let rows: Range<Int>
        /// Position of the first row in its sequence.
        let start: Int
        let blocks: [BlockID]
    }
    struct AttentionTask {
        let slice: Int
        let kvHeads: Range<Int>
        /// Rows within the slice.
        let rows: Range<Int>
        /// Whether the task is a whole decode step, with all its heads: no other task reads its row.
        let isWholeStep: Bool
    }
    private(set) var slices: [Slice] = []
    /// For each row, its position in its sequence.
    private(set) var positions: [Int] = []
    /// For each row, the index of its slice.
    private(set) var sliceOfRow: [Int] = []
    private(set) var tasks: [AttentionTask] = []
    /// Rows of slices whose heads are separate tasks.
    private(set) var sharedRows: [Int] = []
    private(set) var highestPosition = 0
    /// The highest product of a task's rows and KV heads.
    private(set) var mostLines = 1
    /// The rows from which tokens are drawn.
    private(set) var drawing: [Int] = []

    var rows: Int { positions.count }

    /// Rows of a prefill chunk that one attention task takes; few enough to share a chunk among the team.
    private static let taskRows = 64
    /// The number of slices per team member from which on a decode step is one task: its heads lie next to each other
    /// in a block, and long stretches stream best. With fewer slices each head is a task, so that all members have
    /// work.
    private static let slicesForWholeSteps = 3

    private let kvHeads: Int
    private let blockCount: Int
    private let members: Int

    /// - Parameters:
    ///   - kvHeads: KV heads of a layer of the model.
    ///   - blockCount: KV blocks of the pool.
    ///   - members: members of the team that runs the tasks.
    init(kvHeads: Int, blockCount: Int, members: Int) {
        self.kvHeads = kvHeads
        self.blockCount = blockCount
        self.members = members
    }

    /// Lays out a micro-batch. The layout must be empty.
    func lay(_ batch: MicroBatch) {
        precondition(positions.isEmpty, "another micro-batch is laid out")
        let hasWholeSteps = batch.slices.count >= Self.slicesForWholeSteps * members
        for (index, slice) in batch.slices.enumerated() {
            precondition(slice.blocks.allSatisfy { $0 >= 0 && $0 < blockCount }, "a block outside the pool")
            let first = positions.count
            for offset in slice.tokens.indices {
                positions.append(slice.start + offset)
                sliceOfRow.append(index)
            }
            slices.append(Slice(rows: first..<positions.count, start: slice.start, blocks: slice.blocks))
            highestPosition = max(highestPosition, slice.start + slice.tokens.count - 1)
            for point in slice.draws { drawing.append(first + point.row) }
            if hasWholeSteps, slice.tokens.count == 1 {
                add(AttentionTask(slice: index, kvHeads: 0..<kvHeads, rows: 0..<1, isWholeStep: true))
            } else {
                sharedRows += first..<positions.count
                addTasks(slice: index, rows: slice.tokens.count)
            }
        }
    }

    /// Releases the micro-batch's slices. A reference to a slice's block array that stayed here would make the
    /// scheduler copy the whole array (copy-on-write) when it appends a block.
    func clear() {
        slices.removeAll(keepingCapacity: true)
        positions.removeAll(keepingCapacity: true)
        sliceOfRow.removeAll(keepingCapacity: true)
        tasks.removeAll(keepingCapacity: true)
        sharedRows.removeAll(keepingCapacity: true)
        drawing.removeAll(keepingCapacity: true)
        highestPosition = 0
        mostLines = 1
    }

    private func addTasks(slice: Int, rows: Int) {
        for from in stride(from: 0, to: rows, by: Self.taskRows) {
            for head in 0..<kvHeads {
                let part = from..<min(from + Self.taskRows, rows)
                add(AttentionTask(slice: slice, kvHeads: head..<head + 1, rows: part, isWholeStep: false))
            }
        }
    }

    private func add(_ task: AttentionTask) {
        mostLines = max(mostLines, task.rows.count * task.kvHeads.count)
        tasks.append(task)
    }
}
