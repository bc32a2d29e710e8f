import Platform

extension TokenizerFile {
    /// A token of the list `added_tokens`.
    struct Added {
        var id = 0
        var content: [UInt8] = []
        var isSpecial = false
        var takesSpaceBefore = false
        var takesSpaceAfter = false
    }

    /// Texts in the order of the file, with their ids and scores.
    struct Entries {
        var texts = TokenTexts()
        var ids: [Int] = []
        var scores: [Float] = []
    }

    /// The vocabulary of BPE and WordPiece: an object from texts to ids.
    func entriesOfObject() throws(TokenizationError) -> Entries {
        guard var reader = reader(of: "vocab") else {
            throw TokenizationError(.malformedFile, "tokenizer.json: the model has no member 'vocab'")
        }
        return try Self.reading {
            var entries = Entries()
            try reader.forEachMember { reader, key in
                entries.texts.append(key)
                entries.ids.append(try Self.id(&reader))
            }
            return entries
        }
    }

    /// The vocabulary of Unigram: an array of texts and scores.
    func entriesOfArray() throws(TokenizationError) -> Entries {
        guard var reader = reader(of: "vocab") else {
            throw TokenizationError(.malformedFile, "tokenizer.json: the model has no member 'vocab'")
        }
        return try Self.reading {
            var entries = Entries()
            var text: [UInt8] = []
            try reader.forEachElement { reader in
                var place = 0
                try reader.forEachElement { reader in
                    if place == 0 {
                        text.removeAll(keepingCapacity: true)
                        try reader.string(into: &text)
                    } else {
                        entries.scores.append(Float(try reader.number().double))
                    }
                    place += 1
                }
                guard place == 2 else { throw reader.failure("a text and a score expected, \(place) values found") }
                entries.ids.append(entries.ids.count)
                entries.texts.append(text)
            }
            return entries
        }
    }

    private static func id(_ reader: inout JSONReader) throws(JSONError) -> Int {
        let number = try reader.number()
        guard let id = number.exactly(Int.self), (0..<Int(Int32.max)).contains(id) else {
            throw reader.failure("a token id from 0 to \(Int32.max - 1) expected, \(number.double) found")
        }
        return id
    }

    /// The merges; each merge is a line or a pair of texts.
    func merges() throws(TokenizationError) -> TokenizerRecipe.Merges {
        guard var reader = reader(of: "merges") else {
            throw TokenizationError(.malformedFile, "tokenizer.json: the model has no member 'merges'")
        }
        return try Self.reading {
            var lines = TokenTexts()
            var pairs = TokenTexts()
            var text: [UInt8] = []
            try reader.forEachElement { reader in
                guard reader.peek() == UInt8(ascii: "[") else {
                    text.removeAll(keepingCapacity: true)
                    try reader.string(into: &text)
                    lines.append(text)
                    return
                }
                var count = 0
                try reader.forEachElement { reader in
                    text.removeAll(keepingCapacity: true)
                    try reader.string(into: &text)
                    pairs.append(text)
                    count += 1
                }
                guard count == 2 else { throw reader.failure("a merge of two texts expected, \(count) found") }
            }
            guard lines.isEmpty || pairs.isEmpty else { throw reader.failure("merges of two forms in one file") }
            return pairs.isEmpty ? .lines(lines) : .pairs(pairs)
        }
    }

    /// The tokens that are matched as whole texts.
    func addedTokens() throws(TokenizationError) -> [Added] {
        guard var reader = reader(ofFileMember: "added_tokens"), reader.peek() == UInt8(ascii: "[") else {
            return []
        }
        return try Self.reading {
            var tokens: [Added] = []
            try reader.forEachElement { reader in
                let tree = try TokenizerComponent(&reader)
                guard let id = tree["id"].integer, (0..<Int(Int32.max)).contains(id),
                    let content = tree["content"].string
                else { throw reader.failure("an added token needs a content and an id from 0 to \(Int32.max - 1)") }
                guard tree["single_word"].bool != true else {
                    throw TokenizationError(
                        .unsupported, "tokenizer.json: added token \(id) has 'single_word', which is not supported")
                }
                tokens.append(
                    Added(
                        id: id, content: Array(content.utf8), isSpecial: tree["special"].bool ?? false,
                        takesSpaceBefore: tree["lstrip"].bool ?? false, takesSpaceAfter: tree["rstrip"].bool ?? false))
            }
            return tokens
        }
    }

    /// Orders texts by id and sets the types of tokens.
    func assemble(
        _ entries: Entries, _ added: [Added], byteTokens: Bool, into recipe: inout TokenizerRecipe
    ) throws(TokenizationError) {
        let size = max(entries.ids.max() ?? -1, added.map(\.id).max() ?? -1) + 1
        // A few ids without a token are usual, but a file with few tokens must not make this take a lot of memory.
        guard size <= 2 * (entries.ids.count + added.count) + 1024 else {
            throw TokenizationError(
                .invalidVocabulary,
                "\(entries.ids.count + added.count) tokens have ids up to \(size - 1), too many of them unused")
        }
        var places = [Int](repeating: -1, count: size)
        for (place, id) in entries.ids.enumerated() { places[id] = place }
        var addedPlaces = [Int](repeating: -1, count: size)
        for (place, token) in added.enumerated() { addedPlaces[token.id] = place }
        recipe.tokens = TokenTexts()
        recipe.types = []
        recipe.scores = []
        for id in 0..<size {
            let text = places[id] >= 0 ? entries.texts[places[id]] : []
            if !entries.scores.isEmpty { recipe.scores.append(places[id] >= 0 ? entries.scores[places[id]] : 0) }
            if addedPlaces[id] >= 0 {
                let token = added[addedPlaces[id]]
                recipe.tokens.append(token.content)
                recipe.types.append((token.isSpecial ? TokenType.control : .userDefined).rawValue)
                if token.takesSpaceBefore || token.takesSpaceAfter {
                    recipe.spaceTaking[Int32(id)] = (token.takesSpaceBefore, token.takesSpaceAfter)
                }
            } else {
                recipe.tokens.append(text)
                let isByte = byteTokens && PieceSpelling.byte(text) != nil
                recipe.types.append((places[id] < 0 ? TokenType.unused : isByte ? .byte : .normal).rawValue)
            }
        }
    }

    /// The id of the token with the text `text`.
    func id(of text: String, in recipe: TokenizerRecipe) throws(TokenizationError) -> Int32 {
        let wanted = Array(text.utf8)
        for id in 0..<recipe.tokens.count where recipe.tokens[id].elementsEqual(wanted) { return Int32(id) }
        throw TokenizationError(.invalidVocabulary, "tokenizer.json: token '\(text)' is not in the vocabulary")
    }
}
