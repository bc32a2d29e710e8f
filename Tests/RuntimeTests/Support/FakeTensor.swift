import Platform
import Scheduling
import StageDevices

/// What `FakeStage`s hand to each other: a number a row.
final class FakeTensor: StageTensor, @unchecked Sendable {
    // Unchecked: with one stage at a time, if the runtime does what it says.
    var values: [UInt32]
    var nextLayer = 0

    init(_ values: [UInt32]) { self.values = values }

    var rowCount: Int { values.count }
}

/// Rows that `FakeStage`s draw from. Their logits meet here, each token's once.
final class FakeGroup: HeadGroup {
    struct Row {
        let slice: Int
        /// Among all draws of the micro-batch.
        let index: Int
        let value: UInt32
        let task: SamplingTask
    }
    let batch: MicroBatchID
    let rows: [Row]
    /// By row and token; nil: nobody has computed it.
    private let logits: Guarded<[[UInt8?]]>

    init(_ batch: MicroBatchID, _ rows: [Row], vocabulary: Int) {
        self.batch = batch
        self.rows = rows
        logits = Guarded([[UInt8?]](repeating: [UInt8?](repeating: nil, count: vocabulary), count: rows.count))
    }

    var slices: [Int] { rows.map(\.slice) }
    var indices: [Int] { rows.map(\.index) }

    /// Takes the logits of some tokens, by row.
    func keep(_ part: [[UInt8]], of tokens: Range<Int>) {
        logits.withLock { logits in
            for (row, values) in part.enumerated() {
                precondition(logits[row][tokens].allSatisfy { $0 == nil }, "\(tokens) were computed twice")
                logits[row].replaceSubrange(tokens, with: values)
            }
        }
    }

    /// For each row the first of the tokens with the highest logit.
    func draw() -> [TokenID] {
        logits.withLock { logits in
            defer { logits = [] }
            return logits.map { row in
                let values = row.map { $0! }
                return TokenID(values.firstIndex(of: values.max()!)!)
            }
        }
    }
}
