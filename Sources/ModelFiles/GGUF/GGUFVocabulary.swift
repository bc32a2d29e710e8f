/// What a GGUF file says about its tokenizer, as plain values: everything needed to build a tokenizer.
///
/// The initialiser has checked that arrays over the vocabulary have one element per token, that every special token's
/// id lies inside the vocabulary and that every merge has two halves.
public struct GGUFVocabulary: Sendable {
    /// The kind of tokenizer, such as `gpt2` (byte-level BPE), `llama` (SentencePiece) or `bert` (WordPiece).
    public let model: String
    /// The name of the rule by which text is cut before merging, such as `smollm`, where the file gives one.
    public let preTokenizer: String?
    /// The tokens in the order of their ids, as bytes that need not be UTF-8; at least one.
    public let tokens: PackedStrings
    /// A kind for each token, where the file gives them: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused,
    /// 6 byte. Other numbers may occur.
    public let tokenTypes: [Int32]?
    /// A score for each token, where the file gives them.
    public let scores: [Float]?
    /// The merges, strongest first, if the file has them. A merge is its two halves with a space between.
    public let merges: PackedStrings?

    /// The token that begins a text.
    public let beginningOfSequence: Int32?
    /// The token that ends a text.
    public let endOfSequence: Int32?
    /// The token that ends a turn of a conversation.
    public let endOfTurn: Int32?
    /// The token that ends a message which is to be followed by the result of a tool.
    public let endOfMessage: Int32?
    /// The token for what the vocabulary cannot express.
    public let unknown: Int32?
    /// The token that fills up a batch.
    public let padding: Int32?
    /// The token between two texts.
    public let separator: Int32?
    /// The token for a masked word, which the model fills in.
    public let mask: Int32?
    /// The token that begins a text and represents the whole of it, as in BERT.
    public let classification: Int32?

    /// Whether a text is to begin with `beginningOfSequence`, where the file says so.
    public let addsBeginningOfSequence: Bool?
    /// Whether a text is to end with `endOfSequence`, where the file says so.
    public let addsEndOfSequence: Bool?
    /// Whether a text is to begin with a space, where the file says so.
    public let addsSpacePrefix: Bool?
    /// Whether runs of spaces are to be made one, where the file says so.
    public let removesExtraSpaces: Bool?
    /// SentencePiece's normalisation as data, where the file has it.
    public let characterMap: [UInt8]?
    /// Whether WordPiece is to lower-case a text, where the file says so.
    public let lowercases: Bool?
    /// Whether WordPiece is to strip accents, where the file says so.
    public let stripsAccents: Bool?

    /// The tokens that end a generation: the end of a sequence, of a turn and of a message, each once, in that order.
    public var endOfGeneration: [Int32] {
        var ids: [Int32] = []
        for case let id? in [endOfSequence, endOfTurn, endOfMessage] where !ids.contains(id) {
            ids.append(id)
        }
        return ids
    }

    /// Reads the keys `tokenizer.*` of `metadata`.
    ///
    /// Throws `missingKey` where the kind of tokenizer, the tokens or the merges of a `gpt2` tokenizer are absent,
    /// `wrongElementType` where a value has another type than it must, and `badVocabulary` for a contradiction.
    init(_ metadata: GGUFMetadata) throws(ModelFileError) {
        let fields = VocabularyFields(metadata: metadata, tokens: try metadata.requiredStrings(VocabularyFields.tokens))
        try fields.checkTokenCount()
        model = try metadata.requiredString("tokenizer.ggml.model")
        preTokenizer = try metadata.string("tokenizer.ggml.pre")
        tokens = fields.tokens
        tokenTypes = try fields.tokenTypes()
        scores = try fields.scores()
        merges = try fields.merges(required: model == "gpt2" || model == "gemma4")

        beginningOfSequence = try fields.id("tokenizer.ggml.bos_token_id")
        endOfSequence = try fields.id("tokenizer.ggml.eos_token_id")
        endOfTurn = try fields.id("tokenizer.ggml.eot_token_id")
        endOfMessage = try fields.id("tokenizer.ggml.eom_token_id")
        unknown = try fields.id("tokenizer.ggml.unknown_token_id")
        padding = try fields.id("tokenizer.ggml.padding_token_id")
        separator = try fields.id("tokenizer.ggml.seperator_token_id")
        mask = try fields.id("tokenizer.ggml.mask_token_id")
        classification = try fields.id("tokenizer.ggml.cls_token_id")

        addsBeginningOfSequence = try metadata.bool("tokenizer.ggml.add_bos_token")
        addsEndOfSequence = try metadata.bool("tokenizer.ggml.add_eos_token")
        addsSpacePrefix = try metadata.bool("tokenizer.ggml.add_space_prefix")
        removesExtraSpaces = try metadata.bool("tokenizer.ggml.remove_extra_whitespaces")
        characterMap = try fields.bytes("tokenizer.ggml.precompiled_charsmap")
        lowercases = try metadata.bool("tokenizer.ggml.normalizer.lowercase")
        stripsAccents = try metadata.bool("tokenizer.ggml.normalizer.strip_accents")
    }
}
