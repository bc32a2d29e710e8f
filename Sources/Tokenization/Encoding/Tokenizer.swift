/// A byte-level BPE tokenizer.
///
/// The same ids as the reference implementations (Hugging Face `tokenizers`) for the pre-tokenizers it names; anything
/// else is refused. A value of it is immutable and may be used from many tasks at once.
public struct Tokenizer: Sendable {
    let vocabulary: Vocabulary
    let merges: MergeTable
    let preTokenizer: PreTokenizer
    let matcher: SpecialTokenMatcher
    let sequenceStart: Int32?
    let sequenceEnd: Int32?

    /// The description's token that begins a sequence.
    public let bos: Int32?
    /// The description's token that ends a sequence.
    public let eos: Int32?
    /// The tokens that end an answer, ascending: end of sequence, end of turn, and control tokens with a text that is
    /// well known for it, such as `<|im_end|>`.
    public let endOfGeneration: [Int32]

    /// Builds the tables of a tokenizer.
    /// - Throws: `unsupported` for a model or pre-tokenizer that is not implemented, `invalidVocabulary` for a
    ///   description that contradicts itself.
    public init(_ description: TokenizerDescription) throws(TokenizationError) {
        guard description.model == "gpt2" else {
            throw TokenizationError(
                .unsupported,
                "tokenizer model '\(description.model)' is not supported; supported: gpt2 (byte-level BPE)")
        }
        guard let preTokenizer = PreTokenizer(rawValue: description.preTokenizer) else {
            throw TokenizationError(
                .unsupported,
                "pre-tokenizer '\(description.preTokenizer)' is not supported; supported: "
                    + PreTokenizer.supportedNames)
        }
        guard !description.addSpacePrefix else {
            throw TokenizationError(.unsupported, "a space prefix is not supported for tokenizer model 'gpt2'")
        }
        self.preTokenizer = preTokenizer
        vocabulary = try Vocabulary(description)
        merges = try vocabulary.merges(description.merges)
        matcher = vocabulary.specialTokenMatcher()
        bos = description.bos
        eos = description.eos
        sequenceStart = try Self.sequenceToken(description.addBOS, description.bos, "bos")
        sequenceEnd = try Self.sequenceToken(description.addEOS, description.eos, "eos")
        endOfGeneration = vocabulary.endOfGeneration(eos: description.eos, eot: description.eot)
    }

    private static func sequenceToken(
        _ isWanted: Bool, _ token: Int32?, _ name: String
    ) throws(TokenizationError) -> Int32? {
        guard isWanted else { return nil }
        guard let token else {
            throw TokenizationError(.invalidVocabulary, "add_\(name) is set, but the vocabulary has no \(name) token")
        }
        return token
    }

    /// How many tokens there are: ids run from 0 to this less one.
    public var vocabularySize: Int { vocabulary.count }

    /// The bytes that no token stands for, ascending. They vanish when text is encoded, as in the reference.
    public var unencodableBytes: [UInt8] {
        (0...255).filter { vocabulary.byteTokens[Int($0)] < 0 }
    }

    /// The raw bytes that a token stands for; the text itself for a control token.
    /// - Returns: no bytes for an id outside the vocabulary.
    public func bytes(of token: Int32) -> [UInt8] {
        guard let index = vocabulary.index(of: token) else { return [] }
        return Array(vocabulary.bytes[index])
    }

    /// Whether a token is a control token (or the unknown token): one that text never means, only the template.
    public func isSpecial(_ token: Int32) -> Bool {
        guard let index = vocabulary.index(of: token) else { return false }
        return vocabulary.types[index].isSpecial
    }

    /// The text of a whole answer: the tokens' bytes as UTF-8, with U+FFFD for what is not. Special tokens yield no
    /// text, nor do ids outside the vocabulary.
    public func decode(_ tokens: some Sequence<Int32>) -> String {
        var bytes: [UInt8] = []
        for token in tokens { append(bytesOf: token, to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    func append(bytesOf token: Int32, to bytes: inout [UInt8]) {
        guard let index = vocabulary.index(of: token), !vocabulary.types[index].isSpecial else { return }
        bytes.append(contentsOf: vocabulary.bytes[index])
    }
}
