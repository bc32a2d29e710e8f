import CKernels
import Scheduling

/// Final norm, projection to the vocabulary and sampling, for the rows that draw a token.
final class OutputHead: @unchecked Sendable {
    // Unchecked: belongs to one stage, whose worker alone calls it.
    private let weights: HeadWeights
    private let model: ModelConfiguration
    private let input = MatrixInput()
    private let logits = Scratch<Float>()
    /// Rows whose logits are held at a time: bounds the memory of a large vocabulary.
    private static let rowsAtATime = 32

    init(_ weights: HeadWeights, model: ModelConfiguration) {
        self.weights = weights
        self.model = model
    }

    /// Tokens drawn for each slice; empty where nothing was asked.
    func run(
        _ stream: Activations, _ layout: BatchLayout, _ batch: MicroBatch, _ resources: StageResources
    ) -> [[SampledToken]] {
        var drawn = [[SampledToken]](repeating: [], count: batch.slices.count)
        for first in stride(from: 0, to: layout.sampled.count, by: Self.rowsAtATime) {
            let part = layout.sampled[first..<min(first + Self.rowsAtATime, layout.sampled.count)]
            project(part.map(\.row), stream, resources)
            for (token, at) in zip(draw(part.map { batch.slices[$0.slice].sampling! }, resources), part) {
                drawn[at.slice] = [token]
            }
        }
        return drawn
    }

    /// Leaves the logits of the given rows in `logits`, one after the other.
    private func project(_ rows: [Int], _ stream: Activations, _ resources: StageResources) {
        let width = Int64(model.hidden)
        let stride = weights.projection.paddedRows
        input.reserve(rows: rows.count, width: model.hidden)
        logits.reserve(rows.count * stride)
        for (index, row) in rows.enumerated() {
            resources.kernels.rms_norm(
                stream.values + row * model.hidden, width, weights.norm, model.epsilon, 1, width, input.row(index),
                width)
        }
        input.quantise(0..<rows.count, with: resources.kernels)
        let product = MatrixProduct(matrix: weights.projection, out: logits.base, stride: stride)
        MatrixProduct.run([product], input: input, rows: rows.count, resources)
    }

    private func draw(_ tasks: [SamplingTask], _ resources: StageResources) -> [SampledToken] {
        let stride = weights.projection.paddedRows
        let sampler = Sampler(kernels: resources.kernels, vocabulary: model.vocabulary)
        let base = logits.base
        return [SampledToken](unsafeUninitializedCapacity: tasks.count) { buffer, count in
            let out = buffer.baseAddress!
            resources.team.forEach(tasks.count) { index, _ in
                (out + index).initialize(to: sampler.draw(base + index * stride, tasks[index]))
            }
            count = tasks.count
        }
    }

    /// Calls `body` with the logits [rows, vocabulary] of every row of the batch, part by part in order.
    func forEachLogits(
        _ stream: Activations, _ resources: StageResources, _ body: (UnsafeBufferPointer<Float>) throws -> Void
    ) rethrows {
        for first in stride(from: 0, to: stream.rows, by: Self.rowsAtATime) {
            let rows = Array(first..<min(first + Self.rowsAtATime, stream.rows))
            project(rows, stream, resources)
            for index in rows.indices {
                let row = logits.base + index * weights.projection.paddedRows
                try body(UnsafeBufferPointer(start: row, count: model.vocabulary))
            }
        }
    }
}
