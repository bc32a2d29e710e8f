/// WordPiece: cuts each word from the left into the longest pieces that the vocabulary has.
final class WordPieceModel: Sendable {
    /// The most characters of a word; a longer word is unknown.
    private static let longestWord = 100

    private let tokens: TokenBytes
    private let normalizer: BertNormalizer
    private let continuation: [UInt8]
    private let unknown: Int32
    private let longestToken: Int

    /// - Throws: `invalidVocabulary` without an unknown token.
    init(_ recipe: TokenizerRecipe, _ vocabulary: Vocabulary) throws(TokenizationError) {
        guard let unknown = recipe.unknown else {
            throw TokenizationError(.invalidVocabulary, "a WordPiece vocabulary needs an unknown token; it has none")
        }
        self.unknown = unknown
        tokens = vocabulary.bytes
        normalizer = recipe.bert
        continuation = recipe.continuation
        longestToken = (0..<vocabulary.count).map { vocabulary.bytes.length(of: $0) }.max() ?? 0
    }

    func encode(
        _ text: UnsafeBufferPointer<UInt8>, _ scratch: EncodingScratch, into ids: inout [Int32]
    ) {
        let normal = normalizer.normalised(text)
        normal.withUnsafeBufferPointer { text in
            BertNormalizer.forEachWord(in: text) { range in
                let key = WordCache.key(text, range)
                if let key, scratch.cache.append(key, to: &ids) { return }
                let first = ids.count
                encode(word: text[range], scratch, into: &ids)
                if let key { scratch.cache.remember(key, ids[first...]) }
            }
        }
    }

    private func encode(
        word: Slice<UnsafeBufferPointer<UInt8>>, _ scratch: EncodingScratch, into ids: inout [Int32]
    ) {
        let first = ids.count
        let characters = word.reduce(0) { $0 + ($1 & 0xC0 != 0x80 ? 1 : 0) }
        var rest = characters > Self.longestWord ? word.prefix(0) : word
        var isFound = characters <= Self.longestWord
        while isFound, !rest.isEmpty {
            let mark = rest.startIndex == word.startIndex ? [] : continuation
            isFound = false
            scratch.word.removeAll(keepingCapacity: true)
            scratch.word.append(contentsOf: mark)
            scratch.word.append(contentsOf: rest.prefix(max(longestToken - mark.count, 0)))
            while scratch.word.count > mark.count {
                if let id = scratch.word.withUnsafeBufferPointer({ tokens.id(of: $0) }) {
                    ids.append(id)
                    rest = rest.dropFirst(scratch.word.count - mark.count)
                    isFound = true
                    break
                }
                scratch.word.removeLast()
            }
        }
        guard !isFound else { return }
        ids.removeLast(ids.count - first)
        ids.append(unknown)
    }
}
