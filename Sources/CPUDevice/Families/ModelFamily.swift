/// What sets one model family apart from the others. All share the layers of `DecoderLayer`: RMS norm, grouped-query
/// attention with rotary positions, and a gated SiLU feed-forward.
protocol ModelFamily: Sendable {
    /// `general.architecture` of the model file, and the prefix of its keys.
    var architecture: String { get }
    /// How the dimensions of a head are paired for the rotary embedding.
    var rotation: Rotation { get }
    /// Whether query, key and value projections have biases.
    var hasAttentionBias: Bool { get }
    /// Whether each query and key head is RMS-normed before it is rotated.
    var hasQueryKeyNorm: Bool { get }
}

/// How the dimensions of a head are paired for the rotary embedding.
public enum Rotation: Sendable, Hashable {
    /// Neighbours: (0, 1), (2, 3), ...
    case interleaved
    /// First half with second half: (0, d/2), (1, d/2 + 1), ...
    case halves
}

enum ModelFamilies {
    static let all: [any ModelFamily] = [LlamaFamily(), Qwen2Family(), Qwen3Family()]

    static func family(named architecture: String) throws(DeviceError) -> any ModelFamily {
        for family in all where family.architecture == architecture { return family }
        let known = all.map(\.architecture).joined(separator: ", ")
        throw DeviceError(.unknownFamily, "model family '\(architecture)' is not supported; supported: \(known)")
    }
}
