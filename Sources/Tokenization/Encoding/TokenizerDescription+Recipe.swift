extension TokenizerDescription {
    /// The recipe of the tokenizer, with the defaults of its kind for values that the file does not give.
    /// - Throws: `unsupported` for a kind or a pre-tokenizer that is not implemented.
    func recipe() throws(TokenizationError) -> TokenizerRecipe {
        switch model {
        case "gpt2": try byteLevel()
        case "llama": try pieces(merges: nil, prefix: true, addBOS: true)
        case "gemma4": try pieces(merges: .lines(merges), prefix: false, addBOS: true)
        case "t5": try unigram()
        case "bert": try wordPiece()
        default:
            throw TokenizationError(
                .unsupported,
                "tokenizer model '\(model)' is not supported; supported: gpt2 (byte-level BPE), llama and gemma4 "
                    + "(SentencePiece's BPE), t5 (unigram), bert (WordPiece)")
        }
    }

    private func byteLevel() throws(TokenizationError) -> TokenizerRecipe {
        guard let rule = PreTokenizer(named: preTokenizer) else {
            throw TokenizationError(
                .unsupported,
                "pre-tokenizer '\(preTokenizer)' is not supported; supported: "
                    + PreTokenizer.names.joined(separator: ", "))
        }
        guard addSpacePrefix != true else {
            throw TokenizationError(.unsupported, "a space prefix is not supported for tokenizer model 'gpt2'")
        }
        var recipe = try common(.byteLevel, addBOS: rule.prefersWholeWords, addEOS: false)
        recipe.preTokenizer = rule
        recipe.merges = .lines(merges)
        return recipe
    }

    private func pieces(
        merges: TokenizerRecipe.Merges?, prefix: Bool, addBOS: Bool
    ) throws(TokenizationError) -> TokenizerRecipe {
        var recipe = try common(.pieces, addBOS: addBOS, addEOS: false)
        recipe.merges = merges
        recipe.spaces.prefix = addSpacePrefix ?? prefix ? .afterTokens : .none
        recipe.fallsBackToBytes = true
        return recipe
    }

    private func unigram() throws(TokenizationError) -> TokenizerRecipe {
        var recipe = try common(.unigram, addBOS: false, addEOS: true)
        recipe.spaces.prefix = addSpacePrefix ?? true ? .afterTokens : .none
        recipe.spaces.collapses = removeExtraSpaces ?? false
        if !characterMap.isEmpty { recipe.characterMap = try CharacterMap(characterMap) }
        return recipe
    }

    private func wordPiece() throws(TokenizationError) -> TokenizerRecipe {
        var recipe = try common(.wordPiece, addBOS: true, addEOS: true)
        recipe.tokens = WordPieceSpelling.marked(tokens, types: tokenTypes)
        recipe.bert.lowercases = lowercases ?? true
        recipe.bert.stripsAccents = stripsAccents ?? recipe.bert.lowercases
        return recipe
    }

    private func common(
        _ model: TokenizerRecipe.Model, addBOS usualBOS: Bool, addEOS usualEOS: Bool
    ) throws(TokenizationError) -> TokenizerRecipe {
        var recipe = TokenizerRecipe(model: model, tokens: tokens)
        recipe.types = tokenTypes
        recipe.scores = scores
        recipe.bos = bos
        recipe.eos = eos
        recipe.eot = eot
        recipe.unknown = unknown
        recipe.padding = padding
        recipe.sequenceStart = try Self.sequenceToken(addBOS, usual: usualBOS, bos, "bos")
        recipe.sequenceEnd = try Self.sequenceToken(
            addEOS, usual: usualEOS, model == .wordPiece ? separator ?? eos : eos, "eos")
        return recipe
    }

    private static func sequenceToken(
        _ isWanted: Bool?, usual: Bool, _ token: Int32?, _ name: String
    ) throws(TokenizationError) -> [Int32] {
        if let token { return isWanted ?? usual ? [token] : [] }
        guard isWanted != true else {
            throw TokenizationError(.invalidVocabulary, "add_\(name) is set, but the vocabulary has no \(name) token")
        }
        return []
    }
}

/// How GGUF files spell WordPieces: pieces that begin a word have U+2581 before them, other pieces have no mark.
enum WordPieceSpelling {
    private static let wordStart = Array("\u{2581}".utf8)

    /// The tokens in WordPiece's own spelling: tokens that continue a word have `##` before them.
    static func marked(_ tokens: TokenTexts, types: [Int32]) -> TokenTexts {
        var result = TokenTexts()
        for id in 0..<tokens.count {
            let token = tokens[id]
            let isOrdinary = !types.indices.contains(id) || types[id] == TokenType.normal.rawValue
            let isBracketed = token.first == UInt8(ascii: "[") && token.last == UInt8(ascii: "]") && token.count > 1
            if token.starts(with: wordStart) {
                result.append(token.dropFirst(wordStart.count))
            } else if isOrdinary && !isBracketed {
                result.append(Array("##".utf8) + token)
            } else {
                result.append(token)
            }
        }
        return result
    }
}
