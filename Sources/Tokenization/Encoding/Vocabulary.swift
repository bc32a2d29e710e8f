/// A token's type, as GGUF numbers them.
enum TokenType: Int32, Sendable {
    case normal = 1
    case unknown = 2
    case control = 3
    case userDefined = 4
    case unused = 5
    case byte = 6

    /// Whether only a template may mean the token.
    var isSpecial: Bool { self == .control || self == .unknown }
}

/// The tokens of a byte-level BPE tokenizer: what each stands for, and which are reached by which text.
struct Vocabulary: Sendable {
    private(set) var bytes = TokenBytes()
    private(set) var types: [TokenType] = []
    /// The token of each single byte, or -1.
    private(set) var byteTokens = [Int32](repeating: -1, count: 256)

    var count: Int { types.count }

    init(_ description: TokenizerDescription) throws(TokenizationError) {
        let tokens = description.tokens
        guard !tokens.isEmpty, tokens.count <= Int(Int32.max) else {
            throw TokenizationError(
                .invalidVocabulary, "a vocabulary has 1 to \(Int32.max) tokens; this one has \(tokens.count)")
        }
        guard description.tokenTypes.isEmpty || description.tokenTypes.count == tokens.count else {
            throw TokenizationError(
                .invalidVocabulary, "\(tokens.count) tokens, but \(description.tokenTypes.count) token types")
        }
        types = try Self.types(description.tokenTypes, count: tokens.count)
        try checkNamedTokens(description)
        index(tokens)
    }

    private static func types(_ numbers: [Int32], count: Int) throws(TokenizationError) -> [TokenType] {
        guard !numbers.isEmpty else { return [TokenType](repeating: .normal, count: count) }
        var types: [TokenType] = []
        types.reserveCapacity(count)
        for (id, number) in numbers.enumerated() {
            guard let type = TokenType(rawValue: number) else {
                throw TokenizationError(
                    .invalidVocabulary, "token \(id) has type \(number); types run from 1 to 6")
            }
            types.append(type)
        }
        return types
    }

    private func checkNamedTokens(_ description: TokenizerDescription) throws(TokenizationError) {
        let named: [(String, Int32?)] = [
            ("bos", description.bos), ("eos", description.eos), ("eot", description.eot),
            ("unknown", description.unknown), ("padding", description.padding),
        ]
        for case (let name, let id?) in named where index(of: id) == nil {
            throw TokenizationError(
                .invalidVocabulary, "the \(name) token is \(id), outside the vocabulary of \(count) tokens")
        }
    }

    /// Decodes the tokens' spellings and indexes those that merging may produce.
    private mutating func index(_ tokens: [[UInt8]]) {
        var spelled: [Int32] = []
        var decoded: [UInt8] = []
        for (id, token) in tokens.enumerated() {
            decoded.removeAll(keepingCapacity: true)
            switch types[id] {
            case .control, .unknown, .userDefined:
                // Written as they read, not in the byte alphabet.
                bytes.append(contentsOf: token)
            case .normal, .unused, .byte:
                if ByteAlphabet.decode(token, into: &decoded) {
                    bytes.append(contentsOf: decoded)
                    spelled.append(Int32(id))
                    if decoded.count == 1 { byteTokens[Int(decoded[0])] = Int32(id) }
                } else {
                    bytes.append(contentsOf: token)
                }
            }
        }
        bytes.index(spelled)
    }

    /// The place of a token id, if it is in the vocabulary.
    @inline(__always)
    func index(of token: Int32) -> Int? { token >= 0 && Int(token) < types.count ? Int(token) : nil }

    /// The trie of control and user-defined tokens.
    func specialTokenMatcher() -> SpecialTokenMatcher {
        var matcher = SpecialTokenMatcher()
        for (id, type) in types.enumerated() where type.isSpecial || type == .userDefined {
            matcher.insert(bytes[id], token: Int32(id), isUserDefined: type == .userDefined)
        }
        return matcher
    }

    /// The tokens that end an answer, ascending.
    func endOfGeneration(eos: Int32?, eot: Int32?) -> [Int32] {
        var found = Set([eos, eot].compactMap { $0 })
        for (id, type) in types.enumerated() where type == .control {
            let text = String(decoding: bytes[id], as: UTF8.self)
            if Self.endOfGenerationTexts.contains(text) { found.insert(Int32(id)) }
        }
        return found.sorted()
    }

    private static let endOfGenerationTexts: Set<String> = [
        "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<|end_of_text|>", "<|return|>",
        "<end_of_turn>", "<end_of_utterance>", "</s>", "<EOT>", "<|END_OF_TURN_TOKEN|>",
        "<\u{FF5C}end\u{2581}of\u{2581}sentence\u{FF5C}>",
    ]
}
