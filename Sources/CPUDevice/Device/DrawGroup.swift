import CKernels
import Platform
import Scheduling
import StageDevices

/// Rows of one micro-batch whose next tokens are drawn together, on their way through the output head.
///
/// The last stage makes groups. Stages project each group onto pieces of the vocabulary, in any order and at the same
/// time; when all pieces are done, one of the stages draws. The group joins the pieces: it keeps the highest logit of
/// each row where that settles the draw, else whole rows of logits in one buffer. A sequence draws in one micro-batch
/// at a time, nearly always once, so the buffers of all groups hold about one row of logits per sequence.
package final class DrawGroup: HeadGroup {
    package let batch: MicroBatchID
    /// [draws of the micro-batch, hidden]: the final norm's rows, shared by the batch's groups.
    package let rows: Activations
    /// The indices of the group's rows in `rows`.
    package let indices: [Int]
    /// For each of the group's rows, the index of its slice in the micro-batch.
    package let slices: [Int]
    /// For each of the group's rows, how to draw.
    package let tasks: [SamplingTask]
    /// Whether the highest logit of each row settles its draw. If not, the group collects all logits.
    package let takesHighest: Bool
    /// Elements from one row of `logits` to the next: the vocabulary, padded to whole panels.
    package let stride: Int
    private let pool: ActivationPool
    private let joined: Guarded<Joined>

    private struct Draw {
        /// The row's index among the rows that draw.
        let index: Int
        let slice: Int
        let task: SamplingTask
    }

    private struct Joined {
        var highest: [HighestLogit] = []
        var logits: Activations?
    }

    /// Rows of a group whose logits are collected: few enough to share the draws among stages and to bound the memory,
    /// enough to be worth streaming the weights for.
    private static let rowsAtATime = 16

    private init(
        _ batch: MicroBatchID, rows: Activations, draws: ArraySlice<Draw>,
        takesHighest: Bool, vocabulary: Int, pool: ActivationPool
    ) {
        self.batch = batch
        self.rows = rows
        indices = draws.map(\.index)
        slices = draws.map(\.slice)
        tasks = draws.map(\.task)
        self.takesHighest = takesHighest
        stride = PackedMatrix.panels(holding: vocabulary) * Int(TW_PANEL)
        self.pool = pool
        let highest = [HighestLogit](repeating: .none, count: takesHighest ? draws.count : 0)
        joined = Guarded(Joined(highest: highest))
    }

    /// The groups of a micro-batch: one group of all rows whose highest logit settles the draw, and groups of even size
    /// of the other rows.
    /// - Parameters:
    ///   - rows: the final norm's row of each draw, in the order of the slices and of their draws.
    ///   - vocabulary: tokens of the whole model.
    ///   - pool: gives the buffers of logits.
    package static func groups(
        of batch: MicroBatch, rows: Activations, vocabulary: Int, pool: ActivationPool
    ) -> [DrawGroup] {
        var settled: [Draw] = []
        var others: [Draw] = []
        for (slice, part) in batch.slices.enumerated() {
            for point in part.draws {
                let draw = Draw(index: settled.count + others.count, slice: slice, task: point.task)
                if point.task.isSettledByHighest { settled.append(draw) } else { others.append(draw) }
            }
        }
        precondition(rows.rows == settled.count + others.count, "\(batch.id) has \(rows.rows) rows to draw from")
        func group(_ draws: ArraySlice<Draw>, takesHighest: Bool) -> DrawGroup {
            DrawGroup(
                batch.id, rows: rows, draws: draws, takesHighest: takesHighest, vocabulary: vocabulary, pool: pool)
        }
        let count = others.isEmpty ? 0 : max(1, others.count / rowsAtATime)
        let parts = (0..<count).map { others[others.count * $0 / count..<others.count * ($0 + 1) / count] }
        return (settled.isEmpty ? [] : [group(settled[...], takesHighest: true)])
            + parts.map { group($0, takesHighest: false) }
    }

    /// Merges the highest logits of some tokens, one per row, into `highest`. May be called from any thread.
    package func merge(_ candidates: some Collection<HighestLogit>) {
        precondition(takesHighest && candidates.count == indices.count)
        joined.withLock { joined in
            for (row, candidate) in candidates.enumerated() { joined.highest[row].take(candidate) }
        }
    }

    /// The highest logit of each row so far.
    package var highest: [HighestLogit] { joined.withLock { $0.highest } }

    /// The group's logits, [rows of the group, stride]: stages write each logit at its token. The first call reserves
    /// the memory. May be called from any thread; the result keeps the memory alive.
    package var logits: Activations {
        precondition(!takesHighest)
        return joined.withLock { joined in
            let buffer = joined.logits ?? pool.take(rows: indices.count, width: stride)
            joined.logits = buffer
            return buffer
        }
    }

    /// Releases the group's logits, once the tokens are drawn.
    package func forgetLogits() { joined.withLock { $0.logits = nil } }
}

/// The highest logit of a row among some tokens.
package struct HighestLogit: Sendable, Hashable {
    package var value: Float
    package var token: TokenID

    package init(value: Float, token: TokenID) {
        self.value = value
        self.token = token
    }

    /// Lower than any number. A row that keeps this value, from a broken model, draws token 0.
    package static let none = HighestLogit(value: -.infinity, token: 0)

    /// Becomes `other` if `other` is higher; the lower token wins a tie, in either order. NaN never wins.
    package mutating func take(_ other: HighestLogit) {
        guard other.value > value || other.value == value && other.value > -.infinity && other.token < token else {
            return
        }
        self = other
    }
}
