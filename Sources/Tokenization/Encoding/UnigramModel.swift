/// Unigram: of all ways to cut a text into pieces, it takes the one with the greatest sum of scores.
final class UnigramModel: Sendable {
    private let trie: ByteTrie
    private let scores: [Float]
    private let unknownScore: Double
    private let unknown: UnknownRule
    private let spaces: SpaceRule
    private let characterMap: CharacterMap?
    private let hasWords: Bool

    /// - Throws: `invalidVocabulary` without a score for each token.
    init(_ recipe: TokenizerRecipe, _ vocabulary: Vocabulary) throws(TokenizationError) {
        guard recipe.scores.count == vocabulary.count else {
            throw TokenizationError(
                .invalidVocabulary,
                "a unigram vocabulary needs a score for each of its \(vocabulary.count) tokens; there are "
                    + "\(recipe.scores.count)")
        }
        if let bad = recipe.scores.firstIndex(where: { !$0.isFinite }) {
            throw TokenizationError(.invalidVocabulary, "the score of token \(bad) is not a finite number")
        }
        scores = recipe.scores
        spaces = recipe.spaces
        characterMap = recipe.characterMap
        unknown = UnknownRule(recipe, vocabulary)
        var trie = ByteTrie()
        var lowest = Double.infinity
        for (id, type) in vocabulary.types.enumerated() where !type.isHidden && type != .byte {
            trie.insert(vocabulary.bytes[id], value: Int32(id))
            lowest = min(lowest, Double(recipe.scores[id]))
        }
        self.trie = trie
        // The reference's penalty for a character that is not a piece.
        unknownScore = (lowest.isFinite ? lowest : 0) - 10
        hasWords = recipe.spaces.cutsWords
    }

    func encode(
        _ text: UnsafeBufferPointer<UInt8>, isStart: Bool, _ scratch: EncodingScratch, into ids: inout [Int32]
    ) {
        let normal: [UInt8]
        if let mapped = characterMap?.normalised(text) {
            normal = mapped.withUnsafeBufferPointer { spaces.normalised($0, isStart: isStart, &scratch.text) }
        } else {
            normal = spaces.normalised(text, isStart: isStart, &scratch.text)
        }
        normal.withUnsafeBufferPointer { text in
            var start = 0
            while start < text.count {
                var end = hasWords ? start + 1 : text.count
                while end < text.count, text[end] != 0x20 { end += 1 }
                encode(text, start..<end, scratch, into: &ids)
                start = end
            }
        }
        scratch.text = normal
    }

    private func encode(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ scratch: EncodingScratch, into ids: inout [Int32]
    ) {
        let key = WordCache.key(text, range)
        if let key, scratch.cache.append(key, to: &ids) { return }
        let first = ids.count
        let word = UnsafeBufferPointer(rebasing: text[range])
        scratch.lattice.reset(count: word.count)
        walk(word, &scratch.lattice)
        var isAfterUnknown = false
        for piece in scratch.lattice.path() {
            if piece.token >= 0 {
                ids.append(piece.token)
                isAfterUnknown = false
            } else {
                let character = UnsafeBufferPointer(rebasing: word[piece.start..<piece.end])
                isAfterUnknown = unknown.append(character, isAfterUnknown: isAfterUnknown, to: &ids)
            }
        }
        if let key { scratch.cache.remember(key, ids[first...]) }
    }

    /// Finds the best piece that ends at each place.
    private func walk(_ word: UnsafeBufferPointer<UInt8>, _ lattice: inout UnigramLattice) {
        var start = 0
        while start < word.count {
            let length = UTF8Length.of(word[start])
            var hasCharacter = false
            var node = ByteTrie.root
            var end = start
            while end < word.count {
                node = trie.child(node, word[end])
                guard node >= 0 else { break }
                end += 1
                let token = trie.value(node)
                guard token >= 0 else { continue }
                if end - start == length { hasCharacter = true }
                lattice.offer(token, from: start, to: end, score: Double(scores[Int(token)]))
            }
            if !hasCharacter { lattice.offer(-1, from: start, to: start + length, score: unknownScore) }
            start += length
        }
    }
}

/// The best piece that ends at each place of a word.
struct UnigramLattice {
    private struct Place {
        var score = -Double.infinity
        var start = 0
        var token: Int32 = -1
    }

    private var places: [Place] = []

    mutating func reset(count: Int) {
        places.removeAll(keepingCapacity: true)
        places.append(contentsOf: repeatElement(Place(), count: count + 1))
        places[0].score = 0
    }

    @inline(__always)
    mutating func offer(_ token: Int32, from start: Int, to end: Int, score: Double) {
        let sum = places[start].score + score
        if sum > places[end].score { places[end] = Place(score: sum, start: start, token: token) }
    }

    /// The best pieces, first to last; -1 for a character that is not a piece.
    func path() -> [(token: Int32, start: Int, end: Int)] {
        var path: [(token: Int32, start: Int, end: Int)] = []
        var end = places.count - 1
        while end > 0 {
            let place = places[end]
            path.append((place.token, place.start, end))
            end = place.start
        }
        return path.reversed()
    }
}
