import ModelFiles
import TinyModels

/// A tiny model under the names that Hugging Face folders have, with the rows of query and key in their order: a second
/// reader of checkpoints.
struct FolderCheckpoint: Checkpoint {
    private let file: GGUFFile
    private let family: String
    let rotaryPairing = RotaryPairing.halves

    /// - Parameter original: a GGUF file that names all sizes but the key width's default.
    init(_ original: GGUFCheckpoint, headDim: Int) throws {
        family = try original.architecture()
        var out = GGUFBuilder()
        for (parameter, key) in Self.keys {
            if let value = try? original.integer(parameter) { out[key] = .integer(UInt32(value)) }
            if let value = try? original.float(parameter) { out[key] = .float(value) }
        }
        let layers = try original.requiredInteger(.layers)
        let roles = TensorRole.Part.allCases.flatMap { part in
            (0..<(part.isOfLayer ? layers : 1)).flatMap { layer in
                [TensorRole.Kind.weight, .bias].map { TensorRole(part, $0, layer: part.isOfLayer ? layer : nil) }
            }
        }
        for role in roles {
            guard let tensor = original.tensor(ifPresent: role) else { continue }
            let isPermuted = original.rotaryPairing == .interleaved && [.query, .key].contains(role.part)
            out[tensor: Self.name(role)] = .init(
                shape: tensor.info.shape, type: tensor.info.type,
                bytes: Self.bytes(tensor, headDim: isPermuted ? headDim : nil))
        }
        file = try GGUFFile(bytes: out.bytes)
    }

    /// A tensor's rows; those of each head so that the first halves of pairs come before the second ones.
    private static func bytes(_ tensor: TensorView, headDim: Int?) -> [UInt8] {
        (0..<tensor.info.rowCount).flatMap { row -> [UInt8] in
            guard let headDim else { return tensor.withUnsafeBytes(ofRows: row..<row + 1) { Array($0) } }
            let place = row % headDim
            let source = row - place + 2 * (place % (headDim / 2)) + place / (headDim / 2)
            return tensor.withUnsafeBytes(ofRows: source..<source + 1) { Array($0) }
        }
    }

    private static let keys: [Hyperparameter: String] = [
        .layers: "num_hidden_layers", .hidden: "hidden_size", .feedForward: "intermediate_size",
        .contextLength: "max_position_embeddings", .heads: "num_attention_heads", .kvHeads: "num_key_value_heads",
        .keyWidth: "head_dim", .rmsEpsilon: "rms_norm_eps",
    ]

    private static let parts: [TensorRole.Part: String] = [
        .tokenEmbedding: "model.embed_tokens", .finalNorm: "model.norm", .outputHead: "lm_head",
        .attentionNorm: "input_layernorm", .query: "self_attn.q_proj", .key: "self_attn.k_proj",
        .value: "self_attn.v_proj", .queryNorm: "self_attn.q_norm", .keyNorm: "self_attn.k_norm",
        .attentionOutput: "self_attn.o_proj", .feedForwardNorm: "post_attention_layernorm", .gate: "mlp.gate_proj",
        .up: "mlp.up_proj", .down: "mlp.down_proj",
    ]

    private static func name(_ role: TensorRole) -> String {
        let layer = role.layer.map { "model.layers.\($0)." } ?? ""
        return layer + (parts[role.part] ?? "\(role.part)") + (role.kind == .weight ? ".weight" : ".bias")
    }

    func architecture() throws(ModelFileError) -> String { family }
    func name() throws(ModelFileError) -> String? { nil }
    var fingerprint: UInt64 { ModelFingerprint.of(file) }
    func key(of parameter: Hyperparameter) -> String { Self.keys[parameter] ?? "\(parameter)" }
    func integer(_ parameter: Hyperparameter) throws(ModelFileError) -> Int? {
        try file.metadata.integer(key(of: parameter))
    }
    func float(_ parameter: Hyperparameter) throws(ModelFileError) -> Float? {
        try file.metadata.float(key(of: parameter))
    }
    func string(_ parameter: Hyperparameter) throws(ModelFileError) -> String? {
        try file.metadata.string(key(of: parameter))
    }
    var tensors: [TensorInfo] { file.tensors }
    func name(of role: TensorRole) -> String { Self.name(role) }
    func tensor(ifPresent role: TensorRole) -> TensorView? { file.tensor(ifPresent: name(of: role)) }
    func vocabulary() throws(ModelFileError) -> GGUFVocabulary { try file.vocabulary() }
    func chatTemplate() throws(ModelFileError) -> String? { nil }
}
