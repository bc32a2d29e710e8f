import ModelFiles
import ModelPlans
import OpenAIProtocol
import Platform
import Simulation

/// The sizes of a model, read from a checkpoint or from a Hugging Face `config.json`, for simulations.
package struct ModelDescription: Sendable {
    package let shape: ModelShape
    /// The mean weight format of the file; nil if the file has no weights.
    package let weights: WeightFormat?

    private static let mostBytes = 16 << 20

    /// Reads a file; a file whose name ends in `.json` is read as a `config.json`.
    /// - Throws: the module errors of `ModelFiles`, `ModelPlans` and `Simulation`, or `BenchmarkError` that names file
    ///   and field.
    package init(path: String) throws {
        if path.hasSuffix(".json") {
            try self.init(config: path)
        } else {
            try self.init(CheckpointFormat.open(path: path), path: path)
        }
    }

    /// Takes the sizes of the checkpoint without making a plan: Tideway need not be able to run a simulated model.
    private init(_ checkpoint: any Checkpoint, path: String) throws {
        _ = try checkpoint.architecture()
        let sizes = try DecoderSizes(checkpoint)
        shape = try ModelShape(
            name: Self.name(of: path), layers: sizes.layers, hidden: sizes.hidden, feedForward: sizes.feedForward,
            isGated: checkpoint.tensor(ifPresent: TensorRole(.gate, layer: 0)) != nil, heads: sizes.heads,
            cacheHeads: sizes.kvHeads, headSize: try checkpoint.integer(.keyWidth), vocabulary: sizes.vocabulary,
            tiesEmbedding: sizes.hasTiedHead, contextLength: sizes.contextLength, source: path)
        let bits = checkpoint.tensors.reduce(0.0) { $0 + 8 * Double($1.byteCount) }
        let elements = checkpoint.tensors.reduce(0.0) { $0 + Double($1.elementCount) }
        weights = try WeightFormat(name: "as in the file", bitsPerWeight: bits / elements)
    }

    private init(config path: String) throws {
        let bytes = try SmallFile.read(path, most: Self.mostBytes)
        let root: JSONValue
        do { root = try JSONParser.parse(bytes) } catch { throw BenchmarkError(.unsupportedModel, "\(path): \(error)") }
        func number(ifPresent key: String) throws -> Int? {
            guard let value = root[key], value != .null else { return nil }
            guard let number = value.integer.flatMap({ Int(exactly: $0) }) else {
                throw BenchmarkError(.unsupportedModel, "\(path): \(key) is not a whole number")
            }
            return number
        }
        func number(_ key: String) throws -> Int {
            guard let value = try number(ifPresent: key) else {
                throw BenchmarkError(.unsupportedModel, "\(path): there is no \(key)")
            }
            return value
        }
        let heads = try number("num_attention_heads")
        let kind = root["model_type"]?.string ?? ""
        shape = try ModelShape(
            name: Self.name(of: path), layers: try number("num_hidden_layers"), hidden: try number("hidden_size"),
            feedForward: try number(ifPresent: "intermediate_size") ?? number("ffn_dim"),
            isGated: !Self.ungated.contains(kind), heads: heads,
            cacheHeads: try number(ifPresent: "num_key_value_heads") ?? heads,
            headSize: try number(ifPresent: "head_dim"), vocabulary: try number("vocab_size"),
            tiesEmbedding: root["tie_word_embeddings"] == .bool(true),
            contextLength: try number("max_position_embeddings"), source: path)
        weights = nil
    }

    /// Kinds of model whose feed-forward block has no gate.
    private static let ungated = ["opt", "gpt2", "gptj", "gpt_neox", "gpt_bigcode", "bloom", "falcon", "phi", "mpt"]

    /// The file's name without its ending; for a `config.json`, the name of its folder.
    private static func name(of path: String) -> String {
        let parts = path.split(separator: "/").map(String.init)
        if parts.last == "config.json", parts.count > 1 { return parts[parts.count - 2] }
        let base = parts.last ?? path
        for ending in [".gguf", ".json"] where base.hasSuffix(ending) { return String(base.dropLast(ending.count)) }
        return base
    }
}
