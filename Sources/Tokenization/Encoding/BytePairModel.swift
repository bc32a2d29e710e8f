/// Byte-level BPE: merges the bytes of words in the order of a list.
final class BytePairModel: Sendable {
    private let tokens: TokenBytes
    let preTokenizer: PreTokenizer
    let merges: MergeTable
    /// The token of each single byte, or -1. A byte that the vocabulary lacks is left out, as in the reference.
    let byteTokens: [Int32]

    init(_ recipe: TokenizerRecipe, _ vocabulary: Vocabulary) throws(TokenizationError) {
        tokens = vocabulary.bytes
        preTokenizer = recipe.preTokenizer
        byteTokens = vocabulary.byteTokens
        merges = try vocabulary.merges(recipe.merges ?? .lines(TokenTexts())) { ByteAlphabet.decode($0, into: &$1) }
    }

    func encode(
        _ text: UnsafeBufferPointer<UInt8>, _ scratch: EncodingScratch, into ids: inout [Int32]
    ) {
        if preTokenizer.composesText, let composed = Composition.composed(text) {
            composed.withUnsafeBufferPointer { encodeWords($0, scratch, into: &ids) }
        } else {
            encodeWords(text, scratch, into: &ids)
        }
    }

    private func encodeWords(
        _ text: UnsafeBufferPointer<UInt8>, _ scratch: EncodingScratch, into ids: inout [Int32]
    ) {
        preTokenizer.forEachWord(in: text) { range in
            let key = WordCache.key(text, range)
            if let key, scratch.cache.append(key, to: &ids) { return }
            encodeNew(UnsafeBufferPointer(rebasing: text[range]), key, scratch, into: &ids)
        }
    }

    @inline(never)
    private func encodeNew(
        _ word: UnsafeBufferPointer<UInt8>, _ key: WordCache.Key?, _ scratch: EncodingScratch, into ids: inout [Int32]
    ) {
        let first = ids.count
        encode(word: word, scratch, into: &ids)
        if let key { scratch.cache.remember(key, ids[first...]) }
    }

    private func encode(
        word: UnsafeBufferPointer<UInt8>, _ scratch: EncodingScratch, into ids: inout [Int32]
    ) {
        if preTokenizer.prefersWholeWords, let id = tokens.id(of: word) {
            ids.append(id)
            return
        }
        scratch.merger.symbols.removeAll(keepingCapacity: true)
        for (index, byte) in word.enumerated() {
            let token = byteTokens[Int(byte)]
            if token >= 0 {
                scratch.merger.symbols.append(BytePairMerger.Symbol(id: token, start: Int32(truncatingIfNeeded: index)))
            }
        }
        scratch.merger.merge(word, by: merges)
        for symbol in scratch.merger.symbols { ids.append(symbol.id) }
    }
}
