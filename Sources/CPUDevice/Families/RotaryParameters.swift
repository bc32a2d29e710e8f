import ModelFiles

/// Rotary position embedding of a model: base, width and scaling.
public struct RotaryParameters: Sendable, Hashable {
    /// Base of the geometric series of frequencies.
    public let base: Float
    /// Rotated dimensions of each head; even, at most the head width.
    public let dimensions: Int
    /// Linear scaling: positions are divided by this.
    public let linearFactor: Float
    /// Llama 3 scaling: each pair's frequency is divided by its factor; empty for none. One factor a pair.
    public let frequencyFactors: [Float]

    public init(_ file: GGUFFile, prefix: String, headDim: Int) throws {
        let metadata = file.metadata
        base = try metadata.float(prefix + "rope.freq_base") ?? 10_000
        dimensions = try metadata.integer(prefix + "rope.dimension_count") ?? headDim
        guard base > 0, base.isFinite else {
            throw DeviceError(.badConfiguration, "'\(prefix)rope.freq_base' is \(base); it must be positive")
        }
        guard dimensions > 0, dimensions <= headDim, dimensions % 2 == 0 else {
            throw DeviceError(
                .badConfiguration,
                "'\(prefix)rope.dimension_count' is \(dimensions); it must be even and in 2...\(headDim)")
        }
        linearFactor = try Self.linearFactor(metadata, prefix: prefix)
        frequencyFactors = try Self.factors(file, pairs: dimensions / 2)
    }

    private static func linearFactor(_ metadata: GGUFMetadata, prefix: String) throws -> Float {
        let type = try metadata.string(prefix + "rope.scaling.type")
        let legacy = try metadata.float(prefix + "rope.scale_linear")
        switch type {
        // llama3 scaling stands in the file as frequency factors; its type is written as none or llama3.
        case "none", "llama3": return try positive(legacy ?? 1, prefix + "rope.scale_linear")
        // A factor without a type is a linear one, as in the format's other readers.
        case nil, "linear":
            let factor = try metadata.float(prefix + "rope.scaling.factor") ?? legacy ?? 1
            return try positive(factor, prefix + "rope.scaling.factor")
        case .some(let other):
            throw DeviceError(
                .unsupportedFeature, "rope scaling '\(other)' is not supported; supported: none, linear, llama3")
        }
    }

    private static func factors(_ file: GGUFFile, pairs: Int) throws -> [Float] {
        guard let tensor = file.tensor(ifPresent: "rope_freqs.weight") else { return [] }
        guard tensor.info.elementCount == pairs else {
            throw DeviceError(
                .badTensor, "'rope_freqs.weight' has \(tensor.info.elementCount) factors; \(pairs) pairs are rotated")
        }
        return try Dequantize.floats(tensor).map { try positive($0, "rope_freqs.weight") }
    }

    private static func positive(_ value: Float, _ key: String) throws(DeviceError) -> Float {
        guard value > 0, value.isFinite else {
            throw DeviceError(.badConfiguration, "'\(key)' is \(value); it must be positive")
        }
        return value
    }
}
