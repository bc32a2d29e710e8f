/// A tokenizer as a model file describes it, in plain values.
public struct TokenizerDescription: Sendable {
    /// The kind of model: `gpt2` (byte-level BPE), `llama` (SentencePiece's BPE), `gemma4` (like `llama`, with a list
    /// of merges), `t5` (unigram) or `bert` (WordPiece).
    public var model: String
    /// The rule that cuts text into words before byte-level BPE merges, such as `smollm` or `qwen2`. Ignored for the
    /// other kinds, which have no such rule.
    public var preTokenizer: String
    /// The UTF-8 bytes of each token's text as written in the file: ordinary tokens of byte-level BPE in GPT-2's
    /// byte-to-unicode spelling, pieces of the other kinds with U+2581 for the space. A token's id is its index.
    public var tokens: TokenTexts
    /// A token's type, by id: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. Empty: all normal.
    public var tokenTypes: [Int32]
    /// A token's score, by id, if the kind of model has scores.
    public var scores: [Float]
    /// The merges, best first, each two token texts with one space between.
    public var merges: TokenTexts
    public var bos: Int32?
    public var eos: Int32?
    public var eot: Int32?
    public var unknown: Int32?
    public var padding: Int32?
    /// The token between two texts; in BERT it also ends a text.
    public var separator: Int32?
    /// Whether the model wants `bos` before a prompt; nil for the default of its kind.
    public var addBOS: Bool?
    /// Whether the model wants `eos` after a prompt; nil for the default of its kind.
    public var addEOS: Bool?
    /// Whether a space is put before the text; nil for the default of the model's kind. Not for byte-level BPE.
    public var addSpacePrefix: Bool?
    /// Whether runs of spaces become one space; nil for the default of the model's kind.
    public var removeExtraSpaces: Bool?
    /// SentencePiece's normalisation as data; empty for none.
    public var characterMap: [UInt8] = []
    /// Whether WordPiece lower-cases; nil for yes.
    public var lowercases: Bool?
    /// Whether WordPiece strips accents; nil for the same as `lowercases`.
    public var stripsAccents: Bool?

    /// - Parameters:
    ///   - tokens: as for the property of the same name.
    ///   - merges: as for the property of the same name.
    public init(
        model: String, preTokenizer: String, tokens: TokenTexts, tokenTypes: [Int32] = [], scores: [Float] = [],
        merges: TokenTexts, bos: Int32? = nil, eos: Int32? = nil, eot: Int32? = nil, unknown: Int32? = nil,
        padding: Int32? = nil, separator: Int32? = nil, addBOS: Bool? = nil, addEOS: Bool? = nil,
        addSpacePrefix: Bool? = nil
    ) {
        self.model = model
        self.preTokenizer = preTokenizer
        self.tokens = tokens
        self.tokenTypes = tokenTypes
        self.scores = scores
        self.merges = merges
        self.bos = bos
        self.eos = eos
        self.eot = eot
        self.unknown = unknown
        self.padding = padding
        self.separator = separator
        self.addBOS = addBOS
        self.addEOS = addEOS
        self.addSpacePrefix = addSpacePrefix
    }

    /// Makes a description from texts that are not packed.
    public init(
        model: String, preTokenizer: String, tokens: [[UInt8]], tokenTypes: [Int32] = [], merges: [String],
        bos: Int32? = nil, eos: Int32? = nil, eot: Int32? = nil, unknown: Int32? = nil, padding: Int32? = nil,
        addBOS: Bool? = nil, addEOS: Bool? = nil, addSpacePrefix: Bool? = nil
    ) {
        self.init(
            model: model, preTokenizer: preTokenizer, tokens: TokenTexts(tokens), tokenTypes: tokenTypes,
            merges: TokenTexts(merges.lazy.map(\.utf8)), bos: bos, eos: eos, eot: eot, unknown: unknown,
            padding: padding, addBOS: addBOS, addEOS: addEOS, addSpacePrefix: addSpacePrefix)
    }
}
