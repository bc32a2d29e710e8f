import CKernels
import ModelFiles
import Scheduling

/// A stage's part of the output head: the weights of a range of the vocabulary, whose logits the stage can compute.
///
/// A logit depends on its row and its token alone, so its bits do not depend on the stage that computes it.
final class OutputHead: @unchecked Sendable {
    // Unchecked: belongs to one stage, whose worker alone calls it.
    private let vocabulary: Range<Int>
    private let projection: PackedMatrix
    /// Scratch memory for logits, one buffer per member of the team: `findHighest` reads the logits once and discards
    /// them.
    private let logits: [Scratch<Float>]
    /// The highest logit of each row, one buffer per member of the team.
    private let highest: [Scratch<HighestLogit>]
    /// Panels whose logits are computed before their highest are looked for: the logits of a few rows stay in the L2
    /// cache.
    private static let panelsAtATime = 32
    /// Rows whose logits `forEachLogits` holds at a time: bounds the memory that a large vocabulary takes.
    private static let rowsAtATime = 32

    /// - Parameter vocabulary: the tokens; not empty, cut at multiples of the panel size.
    init(_ vocabulary: Range<Int>, _ store: WeightStore, model: CPUModel, members: Int) throws {
        self.vocabulary = vocabulary
        let role = TensorRole(model.plan.head.isTied ? .tokenEmbedding : .outputHead)
        projection = try store.matrix(role, rows: vocabulary)
        logits = (0..<members).map { _ in Scratch<Float>() }
        highest = (0..<members).map { _ in Scratch<HighestLogit>() }
    }

    /// Computes logits of a group's rows, and gives the group the highest logit of each row, or all logits if
    /// `takesHighest` is false.
    /// - Parameter next: gives the next range of tokens; nil ends the projection.
    func project(_ group: DrawGroup, _ resources: StageResources, next: () -> Range<Int>?) {
        guard var tokens = next() else { return }
        load(group.rows, group.indices, resources)
        while true {
            if group.takesHighest {
                findHighest(group, panels(of: tokens), resources)
            } else {
                let logits = group.logits
                let product = MatrixProduct(
                    matrix: projection.panels(panels(of: tokens)), out: logits.values + tokens.lowerBound,
                    stride: logits.width)
                JoinedProducts(product).run(input: resources.hiddenInput, rows: group.indices.count, resources)
                withExtendedLifetime(logits) {}
            }
            guard let more = next() else { return }
            tokens = more
        }
    }

    private func panels(of tokens: Range<Int>) -> Range<Int> {
        let first = (tokens.lowerBound - vocabulary.lowerBound) / Int(TW_PANEL)
        return first..<PackedMatrix.panels(holding: tokens.upperBound - vocabulary.lowerBound)
    }

    /// Copies the rows at `indices` into the stage's matrix input, and quantises them.
    private func load(_ rows: Activations, _ indices: [Int], _ resources: StageResources) {
        let input = resources.hiddenInput
        input.reserve(rows: indices.count, width: rows.width)
        for (place, index) in indices.enumerated() {
            input.row(place).update(from: rows.values + index * rows.width, count: rows.width)
        }
        input.quantise(0..<indices.count, with: resources.kernels)
    }

    /// Each member of the team walks its panels and keeps the highest logit of each row. A member holds the logits of
    /// `panelsAtATime` panels at most.
    private func findHighest(_ group: DrawGroup, _ panels: Range<Int>, _ resources: StageResources) {
        let least = JoinedProducts.leastPiece(of: projection.panelBytes)
        let work = (self, group, panels.lowerBound, resources)
        resources.team.share(panels.count, least: least, with: work) { work, pieces, member in
            let (head, group, base, resources) = work
            head.highest[member].reserve(group.indices.count)
            head.logits[member].reserve(group.indices.count * Self.panelsAtATime * Int(TW_PANEL))
            let best = UnsafeMutableBufferPointer(start: head.highest[member].base, count: group.indices.count)
            best.initialize(repeating: .none)
            for piece in pieces {
                let end = base + piece.upperBound
                for first in stride(from: base + piece.lowerBound, to: end, by: Self.panelsAtATime) {
                    head.look(at: first..<min(first + Self.panelsAtATime, end), best, member: member, resources)
                }
            }
            group.merge(UnsafeBufferPointer(best))
        }
    }

    private func look(
        at panels: Range<Int>, _ best: UnsafeMutableBufferPointer<HighestLogit>, member: Int,
        _ resources: StageResources
    ) {
        let part = projection.panels(panels)
        let stride = Self.panelsAtATime * Int(TW_PANEL)
        MatrixProduct(matrix: part, out: logits[member].base, stride: stride)
            .run(0..<part.panels, input: resources.hiddenInput, rows: best.count, resources, member: member)
        let firstToken = vocabulary.lowerBound + panels.lowerBound * Int(TW_PANEL)
        for row in best.indices {
            var highest: Float = 0
            let index = resources.kernels.argmax(logits[member].base + row * stride, Int64(part.rows), &highest)
            // The index is -1 if all logits are NaN.
            guard index >= 0 else { continue }
            best[row].take(HighestLogit(value: highest, token: TokenID(firstToken + Int(index))))
        }
    }

    /// Calls `body` with the logits of each of `rows` over all tokens that the stage holds, in order.
    func forEachLogits(
        _ rows: Activations, _ resources: StageResources, _ body: (UnsafeBufferPointer<Float>) throws -> Void
    ) rethrows {
        let stride = projection.panels * Int(TW_PANEL)
        for first in Swift.stride(from: 0, to: rows.rows, by: Self.rowsAtATime) {
            let indices = Array(first..<min(first + Self.rowsAtATime, rows.rows))
            load(rows, indices, resources)
            logits[0].reserve(indices.count * stride)
            let product = MatrixProduct(matrix: projection, out: logits[0].base, stride: stride)
            JoinedProducts(product).run(input: resources.hiddenInput, rows: indices.count, resources)
            for place in indices.indices {
                try body(UnsafeBufferPointer(start: logits[0].base + place * stride, count: projection.rows))
            }
        }
    }
}
