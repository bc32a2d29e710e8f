/// A tokenizer: byte-level BPE, SentencePiece's BPE and unigram, or WordPiece.
///
/// A tokenizer gives the same ids as the reference implementation; vocabularies of unknown kinds are refused. A
/// tokenizer is immutable and may be used from many tasks at once.
public struct Tokenizer: Sendable {
    enum Model: Sendable {
        case bytePair(BytePairModel)
        case pieces(PieceModel)
        case unigram(UnigramModel)
        case wordPiece(WordPieceModel)
    }

    let vocabulary: Vocabulary
    let model: Model
    let matcher: SpecialTokenMatcher
    let joining: TokenJoining
    let sequenceStart: [Int32]
    let sequenceEnd: [Int32]
    let pool = ScratchPool()

    /// The token that begins a sequence.
    public let bos: Int32?
    /// The token that ends a sequence.
    public let eos: Int32?
    /// The tokens that end an answer, ascending: end of sequence, end of turn, and control tokens with a text that is
    /// known to end answers, such as `<|im_end|>`.
    public let endOfGeneration: [Int32]

    /// Builds the tables of a tokenizer from a model file's description.
    /// - Throws: `unsupported` for a model or pre-tokenizer that is not implemented, `invalidVocabulary` for a
    ///   description that contradicts itself.
    public init(_ description: TokenizerDescription) throws(TokenizationError) {
        try self.init(recipe: description.recipe())
    }

    init(recipe: TokenizerRecipe) throws(TokenizationError) {
        vocabulary = try Vocabulary(recipe)
        model =
            switch recipe.model {
            case .byteLevel: .bytePair(try BytePairModel(recipe, vocabulary))
            case .pieces: .pieces(try PieceModel(recipe, vocabulary))
            case .unigram: .unigram(try UnigramModel(recipe, vocabulary))
            case .wordPiece: .wordPiece(try WordPieceModel(recipe, vocabulary))
            }
        matcher = vocabulary.specialTokenMatcher(recipe)
        joining = TokenJoining(recipe)
        bos = recipe.bos
        eos = recipe.eos
        sequenceStart = recipe.sequenceStart
        sequenceEnd = recipe.sequenceEnd
        endOfGeneration = vocabulary.endOfGeneration(eos: recipe.eos, eot: recipe.eot)
    }

    /// The number of tokens: ids run from 0 to this number minus one.
    public var vocabularySize: Int { vocabulary.count }

    /// The bytes that have no token, ascending. Byte-level BPE leaves them out when it encodes text, as in its
    /// reference. The other kinds have an unknown token for characters that they lack, so this is empty.
    public var unencodableBytes: [UInt8] {
        guard case .bytePair = model else { return [] }
        return (0...255).filter { vocabulary.byteTokens[Int($0)] < 0 }
    }

    /// The raw bytes of a token; for a control token, its text.
    /// - Returns: no bytes for an id outside the vocabulary.
    public func bytes(of token: Int32) -> [UInt8] {
        guard let index = vocabulary.index(of: token) else { return [] }
        return Array(joining.withoutMark(vocabulary.bytes[index]))
    }

    /// Whether only the template, never text from a request, may mean the token: a control token, the unknown token, or
    /// a token whose text marks turns and roles.
    public func isSpecial(_ token: Int32) -> Bool {
        guard let index = vocabulary.index(of: token) else { return false }
        return vocabulary.isTemplateOnly(index)
    }

    /// The text of a whole answer: the tokens' bytes as UTF-8, with U+FFFD for invalid bytes. Control tokens and ids
    /// outside the vocabulary yield no text.
    public func decode(_ tokens: some Sequence<Int32>) -> String {
        var bytes: [UInt8] = []
        var isStart = true
        for token in tokens { append(bytesOf: token, isStart: &isStart, to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the bytes of a token of an answer.
    /// - Parameter isStart: whether no token of the answer has given any text yet.
    func append(bytesOf token: Int32, isStart: inout Bool, to bytes: inout [UInt8]) {
        guard let index = vocabulary.index(of: token), !vocabulary.types[index].isHidden else { return }
        joining.append(vocabulary.bytes[index], isStart: isStart, to: &bytes)
        isStart = false
    }
}
