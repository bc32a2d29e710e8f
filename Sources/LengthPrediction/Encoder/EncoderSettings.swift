import OpenAIProtocol
import Platform
import TextEncoders

/// The contents of the `config.json` of an encoder's folder.
struct EncoderSettings {
    private let members: JSONValue

    /// Parses the file's bytes.
    /// - Throws: `JSONError` for bytes that are not JSON.
    init(_ bytes: [UInt8]) throws(JSONError) { members = try JSONParser.parse(bytes) }

    /// The encoder's shape.
    /// - Throws: `PredictionError` for a missing key or an encoder that is not of the BERT family, `DeviceError` for
    ///   sizes outside their limits.
    func configuration() throws -> EncoderConfiguration {
        try require("model_type", "bert")
        if members["position_embedding_type"] != nil { try require("position_embedding_type", "absolute") }
        guard let epsilon = members["layer_norm_eps"]?.number else {
            throw PredictionError(.badEncoder, "'layer_norm_eps' must be a number")
        }
        return try EncoderConfiguration(
            hidden: integer("hidden_size"), layers: integer("num_hidden_layers"), heads: integer("num_attention_heads"),
            feedForward: integer("intermediate_size"), vocabulary: integer("vocab_size"),
            longest: integer("max_position_embeddings"), epsilon: Float(epsilon),
            activation: members["hidden_act"]?.string ?? "(none named)")
    }

    private func integer(_ key: String) throws(PredictionError) -> Int {
        guard let value = members[key]?.integer.flatMap({ Int(exactly: $0) }) else {
            throw PredictionError(.badEncoder, "'\(key)' must be an integer")
        }
        return value
    }

    private func require(_ key: String, _ value: String) throws(PredictionError) {
        guard members[key]?.string == value else {
            let found = members[key]?.string.map { "'\($0)'" } ?? "not a text"
            throw PredictionError(.badEncoder, "'\(key)' is \(found); the one that is supported is '\(value)'")
        }
    }
}
