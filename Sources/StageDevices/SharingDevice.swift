import Scheduling

/// A device whose stages share work, since they reach each other's weights and KV cache in common memory: the border between
/// two stages may move from micro-batch to micro-batch, and all stages compute pieces of the output head. A refinement
/// that a device may do without; it changes no token.
package protocol SharingDevice: StageDevice {
    /// Tokens whose logits are computed together: shares and pieces of the vocabulary are cut at multiples of it.
    var vocabularyUnit: Int { get }
    /// `load` for a pipeline whose stages share work: stages have in common what several of them reach.
    func loadSharing(_ ranges: [LayerRange], blocks: Int) throws -> [any SharingExecutor]
}

extension SharingDevice {
    /// The same stages, for a pipeline that does not let them share work.
    package func load(_ ranges: [LayerRange], blocks: Int) throws -> [any StageExecutor] {
        try loadSharing(ranges, blocks: blocks)
    }
}

/// Rows of one micro-batch whose next tokens are drawn together, on their way through the pieces of the output head:
/// opaque to all but the device that made them. Several stages project a group at the same time, each onto tokens of its own.
package protocol HeadGroup: AnyObject, Sendable {
    /// For each row of the group its slice of the micro-batch.
    var slices: [Int] { get }
    /// For each row of the group its index among all draws of the micro-batch, which count slice by slice and in a slice
    /// row by row.
    var indices: [Int] { get }
}

/// What a stage's layers make of a micro-batch, where the output head is shared.
package enum SharedOutput: Sendable {
    /// For the next stage.
    case activations(any StageTensor)
    /// From the last stage: the rows that draw a token. Empty if none does.
    case groups([any HeadGroup])
}

/// A stage that shares work with the others of its pipeline. Its worker calls it as one of `StageExecutor`, with shares of
/// the output head between micro-batches.
package protocol SharingExecutor: StageExecutor {
    /// Runs a micro-batch through layers within `range.layerReach`, from its next one on, as long as `continues` says so
    /// before each.
    /// - Parameters:
    ///   - input: nil for the first stage, else what the stage before gave: its next layer may be any of that stage or of
    ///     this one, or the one after.
    ///   - continues: whether to compute this layer.
    func execute(
        _ batch: MicroBatch, input: (any StageTensor)?, continues: (_ layer: Int) -> Bool
    ) throws -> SharedOutput
    /// Computes the logits of a group's rows for some tokens after the other, as long as `next` gives any, and leaves
    /// them with the group. `next` gives neighbouring tokens within `range.vocabularyReach`, cut at multiples of the device's
    /// `vocabularyUnit`; it may give none at all.
    func project(_ group: any HeadGroup, next: () -> Range<Int>?) throws
    /// Draws one token for each row of a group whose logits are all there, and gives their memory back.
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
