/// BPE over characters, like SentencePiece's: spaces belong to the pieces, and single bytes encode the characters that
/// the vocabulary lacks.
final class PieceModel: Sendable {
    private enum Rule: Sendable {
        case list(MergeTable)
        case scores(ScoreRule)
    }

    private let tokens: TokenBytes
    private let rule: Rule
    private let spaces: SpaceRule
    private let unknown: UnknownRule
    /// Whether the text can be cut into words at its spaces, because no piece has a space after another character.
    private let hasWords: Bool

    init(_ recipe: TokenizerRecipe, _ vocabulary: Vocabulary) throws(TokenizationError) {
        tokens = vocabulary.bytes
        spaces = recipe.spaces
        unknown = UnknownRule(recipe, vocabulary)
        if let merges = recipe.merges {
            rule = .list(
                try vocabulary.merges(merges) { spelling, bytes in
                    PieceSpelling.append(spelling, to: &bytes)
                    return true
                })
        } else {
            rule = .scores(try ScoreRule(recipe.scores, vocabulary))
        }
        hasWords = !(0..<vocabulary.count).contains { id in
            let isMerged = vocabulary.types[id] == .normal || vocabulary.types[id] == .unused
            return isMerged && Self.hasInnerSpace(vocabulary.bytes[id])
        }
    }

    private static func hasInnerSpace(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let body = bytes.firstIndex(where: { $0 != 0x20 }) else { return false }
        return bytes[body...].contains(0x20)
    }

    /// - Parameters:
    ///   - isStart: whether the text is the start of the encoded text.
    func encode(
        _ text: UnsafeBufferPointer<UInt8>, isStart: Bool, _ scratch: EncodingScratch, into ids: inout [Int32]
    ) {
        let normal = spaces.normalised(text, isStart: isStart, &scratch.text)
        normal.withUnsafeBufferPointer { text in
            var start = 0
            while start < text.count {
                let end = hasWords || spaces.cutsWords ? endOfWord(text, from: start) : text.count
                encode(text, start..<end, scratch, into: &ids)
                start = end
            }
        }
        scratch.text = normal
    }

    private func endOfWord(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        if spaces.cutsWords {
            index += 1
        } else {
            while index < text.count, text[index] == 0x20 { index += 1 }
        }
        while index < text.count, text[index] != 0x20 { index += 1 }
        return index
    }

    private func encode(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ scratch: EncodingScratch, into ids: inout [Int32]
    ) {
        let key = WordCache.key(text, range)
        if let key, scratch.cache.append(key, to: &ids) { return }
        let first = ids.count
        let word = UnsafeBufferPointer(rebasing: text[range])
        scratch.merger.symbols.removeAll(keepingCapacity: true)
        var index = 0
        while index < word.count {
            let length = UTF8Length.of(word[index])
            let character = UnsafeBufferPointer(rebasing: word[index..<index + length])
            scratch.merger.symbols.append(
                BytePairMerger.Symbol(
                    id: tokens.id(of: character) ?? -1, start: Int32(truncatingIfNeeded: index)))
            index += length
        }
        switch rule {
        case .list(let table): scratch.merger.merge(word, by: table)
        case .scores(let scores): scratch.merger.merge(word, by: scores)
        }
        emit(word, scratch.merger.symbols, into: &ids)
        if let key { scratch.cache.remember(key, ids[first...]) }
    }

    private func emit(
        _ word: UnsafeBufferPointer<UInt8>, _ symbols: [BytePairMerger.Symbol], into ids: inout [Int32]
    ) {
        var isAfterUnknown = false
        for (index, symbol) in symbols.enumerated() {
            if symbol.id >= 0 {
                ids.append(symbol.id)
                isAfterUnknown = false
                continue
            }
            let end = index + 1 < symbols.count ? Int(symbols[index + 1].start) : word.count
            let character = UnsafeBufferPointer(rebasing: word[Int(symbol.start)..<end])
            isAfterUnknown = unknown.append(character, isAfterUnknown: isAfterUnknown, to: &ids)
        }
    }
}

/// The number of bytes of a character, by its first byte; at least one for any byte.
enum UTF8Length {
    @inline(__always)
    static func of(_ first: UInt8) -> Int {
        first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    }
}

/// How a character that is not a token is encoded.
struct UnknownRule: Sendable {
    /// The token of each single byte, or -1; empty without byte fallback.
    let byteTokens: [Int32]
    /// The unknown token, or -1.
    let unknown: Int32
    let fuses: Bool

    init(_ recipe: TokenizerRecipe, _ vocabulary: Vocabulary) {
        byteTokens = recipe.fallsBackToBytes ? vocabulary.byteTokens : []
        unknown = recipe.unknown ?? -1
        fuses = recipe.fusesUnknown
    }

    /// Appends the character's bytes, if all of them are tokens, or else the unknown token.
    /// - Returns: whether the unknown token was needed.
    func append(_ character: UnsafeBufferPointer<UInt8>, isAfterUnknown: Bool, to ids: inout [Int32]) -> Bool {
        if !byteTokens.isEmpty, character.allSatisfy({ byteTokens[Int($0)] >= 0 }) {
            for byte in character { ids.append(byteTokens[Int(byte)]) }
            return false
        }
        if unknown >= 0, !(isAfterUnknown && fuses) { ids.append(unknown) }
        return true
    }
}
