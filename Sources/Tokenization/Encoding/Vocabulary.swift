/// The tokens of a tokenizer: the bytes of each token, and the tokens that a text leads to.
struct Vocabulary: Sendable {
    /// The bytes of each token. WordPieces that continue a word keep their mark.
    private(set) var bytes = TokenBytes()
    private(set) var types: [TokenType] = []
    /// The token of each single byte, or -1.
    private(set) var byteTokens = [Int32](repeating: -1, count: 256)

    private static let mostTokens = 1 << 28
    private static let mostBytes = 1 << 30

    var count: Int { types.count }

    init(_ recipe: TokenizerRecipe) throws(TokenizationError) {
        let tokens = recipe.tokens
        guard !tokens.isEmpty, tokens.count <= Self.mostTokens, tokens.bytes.count <= Self.mostBytes else {
            throw TokenizationError(
                .invalidVocabulary,
                "a vocabulary has 1 to \(Self.mostTokens) tokens of at most \(Self.mostBytes) bytes together; this one "
                    + "has \(tokens.count) of \(tokens.bytes.count) bytes")
        }
        guard recipe.types.isEmpty || recipe.types.count == tokens.count else {
            throw TokenizationError(
                .invalidVocabulary, "\(tokens.count) tokens, but \(recipe.types.count) token types")
        }
        types = try Self.types(recipe.types, count: tokens.count)
        try checkNamedTokens(recipe)
        bytes.reserve(tokens: tokens.count, bytes: tokens.bytes.count)
        switch recipe.model {
        case .byteLevel: readByteAlphabet(tokens)
        case .pieces, .unigram: readPieces(tokens)
        case .wordPiece: readWordPieces(tokens)
        }
    }

    private static func types(_ numbers: [Int32], count: Int) throws(TokenizationError) -> [TokenType] {
        guard !numbers.isEmpty else { return [TokenType](repeating: .normal, count: count) }
        var types: [TokenType] = []
        types.reserveCapacity(count)
        for (id, number) in numbers.enumerated() {
            guard let type = TokenType(rawValue: number) else {
                throw TokenizationError(.invalidVocabulary, "token \(id) has type \(number); types run from 1 to 6")
            }
            types.append(type)
        }
        return types
    }

    private func checkNamedTokens(_ recipe: TokenizerRecipe) throws(TokenizationError) {
        var named: [(String, Int32?)] = [
            ("bos", recipe.bos), ("eos", recipe.eos), ("eot", recipe.eot), ("unknown", recipe.unknown),
            ("padding", recipe.padding),
        ]
        named += (recipe.sequenceStart + recipe.sequenceEnd).map { ("added", $0) }
        for case (let name, let id?) in named where index(of: id) == nil {
            throw TokenizationError(
                .invalidVocabulary, "the \(name) token is \(id), outside the vocabulary of \(count) tokens")
        }
    }

    /// Decodes the tokens' spellings and indexes those that merging may produce.
    private mutating func readByteAlphabet(_ tokens: TokenTexts) {
        var spelled: [Int32] = []
        var userDefined: [Int32] = []
        spelled.reserveCapacity(tokens.count)
        tokens.bytes.withUnsafeBufferPointer { text in
            for id in 0..<tokens.count {
                let token = UnsafeBufferPointer(rebasing: text[tokens.range(of: id)])
                switch types[id] {
                case .control, .unknown, .userDefined:
                    // These tokens are stored as plain text, not in the byte alphabet.
                    bytes.append(contentsOf: token)
                    if types[id] == .userDefined { userDefined.append(Int32(id)) }
                case .normal, .unused, .byte:
                    if bytes.append({ ByteAlphabet.decode(token, into: &$0) }) {
                        spelled.append(Int32(id))
                        if bytes.length(of: id) == 1 { byteTokens[Int(bytes[id].first ?? 0)] = Int32(id) }
                    } else {
                        bytes.replaceLast(with: token)
                    }
                }
            }
        }
        // If an ordinary and a user-defined token have the same bytes, the ordinary token is found, as it comes later.
        bytes.index(userDefined + spelled)
    }

    /// Replaces U+2581 by the space, and `<0x41>` of a byte token by the byte.
    private mutating func readPieces(_ tokens: TokenTexts) {
        var ordinary: [Int32] = []
        var userDefined: [Int32] = []
        for id in 0..<tokens.count {
            let token = tokens[id]
            if types[id] == .byte, let byte = PieceSpelling.byte(token) {
                bytes.append(contentsOf: CollectionOfOne(byte))
                byteTokens[Int(byte)] = Int32(id)
                continue
            }
            bytes.append { PieceSpelling.append(token, to: &$0) }
            switch types[id] {
            case .normal, .unused: ordinary.append(Int32(id))
            case .userDefined: userDefined.append(Int32(id))
            case .control, .unknown, .byte: break
            }
        }
        bytes.index(userDefined + ordinary)
    }

    private mutating func readWordPieces(_ tokens: TokenTexts) {
        for id in 0..<tokens.count { bytes.append(contentsOf: tokens[id]) }
        bytes.index((0..<Int32(count)).filter { !types[Int($0)].isHidden })
    }

    /// The place of a token id, if it is in the vocabulary.
    @inline(__always)
    func index(of token: Int32) -> Int? { token >= 0 && Int(token) < types.count ? Int(token) : nil }

    /// Whether only a template may mean the token.
    func isTemplateOnly(_ id: Int) -> Bool {
        types[id].isHidden || (types[id] == .userDefined && TokenConvention.isMarkup(bytes[id]))
    }

    /// The matcher of control and user-defined tokens.
    func specialTokenMatcher(_ recipe: TokenizerRecipe) -> SpecialTokenMatcher {
        var matcher = SpecialTokenMatcher()
        for (id, type) in types.enumerated() where type.isHidden || type == .userDefined {
            // A text that is not UTF-8 could match within a character and leave half of the character behind.
            let isText = String(validating: bytes[id], as: UTF8.self) != nil
            guard isText, !TokenConvention.isFiller(bytes[id], id: id) else { continue }
            var token = AddedToken(id: Int32(id), isTemplateOnly: isTemplateOnly(id))
            if let taking = recipe.spaceTaking[Int32(id)] {
                token.takesSpaceBefore = taking.before
                token.takesSpaceAfter = taking.after
            }
            matcher.insert(bytes[id], token)
        }
        return matcher
    }

    /// The tokens that end an answer, ascending.
    func endOfGeneration(eos: Int32?, eot: Int32?) -> [Int32] {
        var found = Set([eos, eot].compactMap { $0 })
        for (id, type) in types.enumerated() where type == .control || type == .userDefined {
            let text = String(decoding: bytes[id], as: UTF8.self)
            if TokenConvention.endOfGeneration.contains(text) { found.insert(Int32(id)) }
        }
        return found.sorted()
    }
}
