/// The merges of a SentencePiece vocabulary: two neighbours merge if they make a token, the highest score first.
struct ScoreRule: MergeRule {
    /// The rank of each token, by its score: equal scores have equal ranks.
    private let ranks: [Int32]
    private let tokens: TokenBytes

    /// - Throws: `invalidVocabulary` without a score for each token.
    init(_ scores: [Float], _ vocabulary: Vocabulary) throws(TokenizationError) {
        guard scores.count == vocabulary.count else {
            throw TokenizationError(
                .invalidVocabulary,
                "a vocabulary of pieces without merges needs a score for each of its \(vocabulary.count) tokens; "
                    + "there are \(scores.count)")
        }
        if let bad = scores.firstIndex(where: \.isNaN) {
            throw TokenizationError(.invalidVocabulary, "the score of token \(bad) is not a number")
        }
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        var ranks = [Int32](repeating: 0, count: scores.count)
        var rank: Int32 = 0
        for (place, id) in order.enumerated() {
            if place > 0, scores[id] != scores[order[place - 1]] { rank += 1 }
            ranks[id] = rank
        }
        self.ranks = ranks
        tokens = vocabulary.bytes
    }

    @inline(__always)
    func merge(_ left: Int32, _ right: Int32, text: UnsafeBufferPointer<UInt8>) -> Merge? {
        tokens.id(of: text).map { Merge(rank: ranks[Int($0)], result: $0) }
    }
}
