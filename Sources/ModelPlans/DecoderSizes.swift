import ModelFiles

/// The sizes that the checkpoint of any decoder gives, whatever its family: the input of a plan, and of a simulator's
/// cost model for models of unknown families.
package struct DecoderSizes: Sendable, Hashable {
    package let layers: Int
    /// Width of the residual stream.
    package let hidden: Int
    /// Width inside the feed-forward.
    package let feedForward: Int
    /// Query heads.
    package let heads: Int
    /// Key and value heads; divides `heads`.
    package let kvHeads: Int
    /// Width of a query or key head.
    package let headDim: Int
    package let vocabulary: Int
    package let contextLength: Int
    /// Whether the output head is the embedding: the checkpoint has no output head of its own.
    package let hasTiedHead: Bool

    /// - Throws: `ModelPlanError` for impossible sizes, `ModelFileError` for missing ones.
    package init(_ checkpoint: any Checkpoint) throws {
        layers = try Self.positive(checkpoint, .layers, atMost: 4096)
        hidden = try Self.positive(checkpoint, .hidden)
        feedForward = try Self.positive(checkpoint, .feedForward)
        heads = try Self.positive(checkpoint, .heads, atMost: 65_536)
        kvHeads =
            try checkpoint.integer(.kvHeads) == nil ? heads : Self.positive(checkpoint, .kvHeads, atMost: heads)
        headDim =
            try checkpoint.integer(.keyWidth) == nil
            ? hidden / heads : Self.positive(checkpoint, .keyWidth, atMost: 4096)
        contextLength = try Self.positive(checkpoint, .contextLength)
        vocabulary = try Self.embeddingRows(checkpoint)
        hasTiedHead = checkpoint.tensor(ifPresent: TensorRole(.outputHead)) == nil
        guard heads % kvHeads == 0 else {
            throw ModelPlanError(
                .badConfiguration, "\(heads) query heads cannot share \(kvHeads) key/value heads evenly")
        }
    }

    private static func positive(
        _ checkpoint: any Checkpoint, _ parameter: Hyperparameter, atMost limit: Int = 1 << 24
    ) throws -> Int {
        let value = try checkpoint.requiredInteger(parameter)
        guard (1...limit).contains(value) else {
            throw ModelPlanError(
                .badConfiguration, "'\(checkpoint.key(of: parameter))' is \(value); it must lie in 1...\(limit)")
        }
        return value
    }

    private static func embeddingRows(_ checkpoint: any Checkpoint) throws -> Int {
        let info = try checkpoint.tensor(TensorRole(.tokenEmbedding)).info
        guard info.shape.count == 2 else {
            throw ModelPlanError(
                .badTensor, "'\(info.name)' has \(info.shape.count) dimensions; it must have 2")
        }
        guard info.shape[1] <= Int(Int32.max) else {
            throw ModelPlanError(
                .badTensor, "'\(info.name)' has \(info.shape[1]) rows; at most \(Int32.max) can be named")
        }
        return info.shape[1]
    }
}
