import Scheduling

/// A device whose stages share work, since they reach each other's weights and KV cache in common memory: the border
/// between two stages may move from micro-batch to micro-batch, and all stages compute pieces of the output head.
/// Sharing is an optional refinement of a device; it changes no token.
package protocol SharingDevice: StageDevice {
    /// The number of tokens whose logits are computed together: shares and pieces of the vocabulary are cut at
    /// multiples of this number.
    var vocabularyUnit: Int { get }
    /// `load` for a pipeline whose stages share work: weights and KV cache within reach of several stages are held
    /// once.
    func loadSharing(_ ranges: [LayerRange], blocks: Int) throws -> [any SharingExecutor]
}

extension SharingDevice {
    /// Loads the same stages for a pipeline whose stages do not share work.
    package func load(_ ranges: [LayerRange], blocks: Int) throws -> [any StageExecutor] {
        try loadSharing(ranges, blocks: blocks)
    }
}

/// Rows of one micro-batch whose next tokens are drawn together, on their way through the pieces of the output head:
/// opaque to all but the device that made the group. Several stages project a group at the same time, each stage onto
/// tokens of its own.
package protocol HeadGroup: AnyObject, Sendable {
    /// For each row of the group, the index of its slice in the micro-batch.
    var slices: [Int] { get }
    /// For each row of the group, its index among all draws of the micro-batch, counted slice by slice and row by row
    /// within a slice.
    var indices: [Int] { get }
}

/// The result of a stage's layers for a micro-batch, if the stages share the output head.
package enum SharedOutput: Sendable {
    /// Activations for the next stage.
    case activations(any StageTensor)
    /// The rows that draw a token, from the last stage. Empty if no row draws.
    case groups([any HeadGroup])
}

/// A stage that shares work with the other stages of its pipeline. Its worker calls it like any `StageExecutor`, and
/// has it compute shares of the output head between micro-batches.
package protocol SharingExecutor: StageExecutor {
    /// Runs a micro-batch through layers within `range.layerReach`: from its next layer on, as long as `continues`
    /// returns true for the layer.
    /// - Parameters:
    ///   - input: nil for the first stage, else the output of the stage before. The input's next layer may be any layer
    ///     of that stage or of this one, or the layer after.
    ///   - continues: whether to compute this layer.
    func execute(
        _ batch: MicroBatch, input: (any StageTensor)?, continues: (_ layer: Int) -> Bool
    ) throws -> SharedOutput
    /// Computes the logits of a group's rows for one range of tokens after the other, until `next` returns nil, and
    /// leaves the logits with the group. `next` returns ranges within `range.vocabularyReach`, cut at multiples of the
    /// device's `vocabularyUnit`; it may return nil at once.
    func project(_ group: any HeadGroup, next: () -> Range<Int>?) throws
    /// Draws one token for each row of a group whose logits are complete, and releases the logits' memory.
    func draw(_ group: any HeadGroup) throws -> [SampledToken]
}

extension SharingExecutor {
    /// The stage by itself: its own layers and, on the last stage, the whole output head.
    package func execute(_ batch: MicroBatch, input: (any StageTensor)?) throws -> StageOutput {
        let end = range.layers.upperBound
        switch try execute(batch, input: input, continues: { $0 < end }) {
        case .activations(let tensor): return .activations(tensor)
        case .groups(let groups):
            var drawn = [SampledToken](repeating: SampledToken(0), count: groups.reduce(0) { $0 + $1.indices.count })
            for group in groups {
                var left: Range<Int>? = range.vocabulary
                try project(group) {
                    defer { left = nil }
                    return left
                }
                for (index, token) in zip(group.indices, try draw(group)) { drawn[index] = token }
            }
            var first = 0
            return .tokens(
                batch.slices.map { slice in
                    defer { first += slice.draws.count }
                    return Array(drawn[first..<first + slice.draws.count])
                })
        }
    }
}
