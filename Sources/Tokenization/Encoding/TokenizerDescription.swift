/// A tokenizer as a model file describes it, in plain values.
public struct TokenizerDescription: Sendable {
    /// The kind of model: `gpt2` for byte-level BPE.
    public var model: String
    /// The rule that cuts text into words before merging: `smollm`, `gpt-2`, `qwen2` or `llama-bpe`.
    public var preTokenizer: String
    /// The UTF-8 bytes of each token's text as written in the file; ordinary tokens of byte-level BPE are written in
    /// GPT-2's byte-to-unicode spelling. A token's id is its index.
    public var tokens: [[UInt8]]
    /// A token's type, by id: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. Empty: all normal.
    public var tokenTypes: [Int32]
    /// The merges, best first, each two token texts with one space between.
    public var merges: [String]
    public var bos: Int32?
    public var eos: Int32?
    public var eot: Int32?
    public var unknown: Int32?
    public var padding: Int32?
    /// Whether the model wants `bos` before a prompt, and `eos` after it.
    public var addBOS: Bool
    public var addEOS: Bool
    /// Whether a space is put before the text. Byte-level BPE does not do that: a file that lacks the key means false.
    public var addSpacePrefix: Bool

    public init(
        model: String, preTokenizer: String, tokens: [[UInt8]], tokenTypes: [Int32] = [], merges: [String],
        bos: Int32? = nil, eos: Int32? = nil, eot: Int32? = nil, unknown: Int32? = nil, padding: Int32? = nil,
        addBOS: Bool = false, addEOS: Bool = false, addSpacePrefix: Bool = false
    ) {
        self.model = model
        self.preTokenizer = preTokenizer
        self.tokens = tokens
        self.tokenTypes = tokenTypes
        self.merges = merges
        self.bos = bos
        self.eos = eos
        self.eot = eot
        self.unknown = unknown
        self.padding = padding
        self.addBOS = addBOS
        self.addEOS = addEOS
        self.addSpacePrefix = addSpacePrefix
    }
}
