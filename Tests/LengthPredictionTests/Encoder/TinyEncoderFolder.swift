import LengthPrediction
import TestTools
import TinyModels

/// A folder with a tiny encoder and its tokenizer; removed when the test lets go of it.
final class TinyEncoderFolder {
    private let folder: TemporaryFolder
    var path: String { folder.path }

    /// The words that are tokens, by their ids. Every other word is [UNK].
    static let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"] + (0..<26).map { String(UnicodeScalar(UInt8(97 + $0))) }

    init(_ model: TinyEncoder = small) throws {
        folder = try TemporaryFolder()
        try write("config.json", Self.config(model))
        try write("tokenizer.json", Self.tokenizer)
        try folder.write("model.safetensors", TinyEncoder.bytes(model.tensors))
    }

    /// As many tokens as there are words.
    static var small: TinyEncoder {
        var model = TinyEncoder()
        (model.vocabulary, model.longest) = (words.count, 40)
        return model
    }

    /// The encoder out of a folder that is gone again when this returns.
    static func open(_ model: TinyEncoder = small, threads: Int = 1) throws -> EmbeddingModel {
        let folder = try TinyEncoderFolder(model)
        return try withExtendedLifetime(folder) { try EmbeddingModel(folder: folder.path, threads: threads) }
    }

    func write(_ name: String, _ text: String) throws { try folder.write(name, text.utf8) }

    static func config(_ model: TinyEncoder) -> String {
        """
        {"model_type": "bert", "hidden_size": \(model.hidden), "num_hidden_layers": \(model.layers),
         "num_attention_heads": \(model.heads), "intermediate_size": \(model.feedForward), "hidden_act": "gelu",
         "vocab_size": \(model.vocabulary), "max_position_embeddings": \(model.longest), "layer_norm_eps": 1e-12,
         "position_embedding_type": "absolute"}
        """
    }

    static var tokenizer: String {
        let vocabulary = words.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
        let special = [("[PAD]", 0), ("[UNK]", 1), ("[CLS]", 2), ("[SEP]", 3)].map { word, id in
            #"{"id": \#(id), "content": "\#(word)", "special": true, "single_word": false, "lstrip": false, "#
                + #""rstrip": false, "normalized": false}"#
        }
        return """
            {"version": "1.0", "added_tokens": [\(special.joined(separator: ", "))],
             "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                            "strip_accents": null, "lowercase": true},
             "pre_tokenizer": {"type": "BertPreTokenizer"}, "decoder": null,
             "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
             "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                       "max_input_chars_per_word": 100, "vocab": {\(vocabulary)}}}
            """
    }
}
