import CKernels
import ModelFiles

/// The shape of a model, read from its file and checked.
public struct ModelConfiguration: Sendable, Hashable {
    public let architecture: String
    public let name: String?
    public let layers: Int
    /// Width of the residual stream.
    public let hidden: Int
    public let heads: Int
    public let kvHeads: Int
    public let headDim: Int
    /// Width of the gated feed-forward.
    public let feedForward: Int
    public let vocabulary: Int
    public let contextLength: Int
    /// Added to the mean square in RMS norms.
    public let epsilon: Float
    public let rotation: Rotation
    public let rope: RotaryParameters
    public let hasAttentionBias: Bool
    public let hasQueryKeyNorm: Bool
    /// Whether the output head is the embedding matrix.
    public let hasTiedHead: Bool

    /// Query heads that share a key/value head.
    public var group: Int { heads / kvHeads }
    public var queryWidth: Int { heads * headDim }
    public var kvWidth: Int { kvHeads * headDim }

    public init(_ file: GGUFFile) throws {
        let metadata = file.metadata
        let family = try ModelFamilies.family(named: metadata.requiredString("general.architecture"))
        let prefix = family.architecture + "."
        architecture = family.architecture
        name = try metadata.string("general.name")
        layers = try Self.positive(metadata, prefix + "block_count", atMost: 4096)
        hidden = try Self.positive(metadata, prefix + "embedding_length")
        feedForward = try Self.positive(metadata, prefix + "feed_forward_length")
        heads = try Self.positive(metadata, prefix + "attention.head_count", atMost: 65_536)
        let kvKey = prefix + "attention.head_count_kv"
        kvHeads = metadata.contains(kvKey) ? try Self.positive(metadata, kvKey, atMost: heads) : heads
        let widthKey = prefix + "attention.key_length"
        headDim = metadata.contains(widthKey) ? try Self.positive(metadata, widthKey, atMost: 4096) : hidden / heads
        contextLength = try Self.positive(metadata, prefix + "context_length")
        epsilon = try metadata.requiredFloat(prefix + "attention.layer_norm_rms_epsilon")
        vocabulary = try Self.embeddingRows(file)
        rotation = family.rotation
        rope = try RotaryParameters(file, prefix: prefix, headDim: headDim)
        hasAttentionBias = family.hasAttentionBias
        hasQueryKeyNorm = family.hasQueryKeyNorm
        hasTiedHead = file.tensor(ifPresent: "output.weight") == nil
        try check(metadata, prefix: prefix)
    }

    private static func positive(
        _ metadata: GGUFMetadata, _ key: String, atMost limit: Int = 1 << 24
    ) throws -> Int {
        let value = try metadata.requiredInteger(key)
        guard (1...limit).contains(value) else {
            throw DeviceError(.badConfiguration, "'\(key)' is \(value); it must lie in 1...\(limit)")
        }
        return value
    }

    private static func embeddingRows(_ file: GGUFFile) throws -> Int {
        let shape = try file.tensor(named: "token_embd.weight").info.shape
        guard shape.count == 2 else {
            throw DeviceError(.badTensor, "'token_embd.weight' has \(shape.count) dimensions; it must have 2")
        }
        guard shape[1] <= Int(Int32.max) else {
            throw DeviceError(
                .badTensor, "'token_embd.weight' has \(shape[1]) rows; at most \(Int32.max) can be named")
        }
        return shape[1]
    }

    /// Refuses what the shared layers would compute wrongly, rather than guess.
    private func check(_ metadata: GGUFMetadata, prefix: String) throws {
        func require(_ holds: Bool, _ message: String) throws(DeviceError) {
            if !holds { throw DeviceError(.badConfiguration, message) }
        }
        try require(heads % kvHeads == 0, "\(heads) query heads cannot share \(kvHeads) key/value heads evenly")
        try require(headDim % 8 == 0, "the head width is \(headDim); it must be a multiple of 8")
        let panel = Int(TW_PANEL)
        try require(hidden % panel == 0, "the hidden width is \(hidden); it must be a multiple of \(panel)")
        try require(
            feedForward % panel == 0, "the feed-forward width is \(feedForward); it must be a multiple of \(panel)")
        try require(epsilon >= 0 && epsilon < 1, "the norm epsilon is \(epsilon); it must lie in 0..<1")
        let valueKey = prefix + "attention.value_length"
        if let width = try metadata.integer(valueKey) {
            try require(width == headDim, "'\(valueKey)' is \(width), but keys are \(headDim) wide")
        }
        for key in ["expert_count", "attention.sliding_window"] where metadata.contains(prefix + key) {
            guard let value = try metadata.integer(prefix + key), value > 0 else { continue }
            throw DeviceError(.unsupportedFeature, "'\(prefix + key)' is \(value); only 0 is supported")
        }
    }
}
