/// One answer to learn from: the facts known before it began, and its length.
package struct LengthExample: Sendable, Hashable {
    /// The prompt's digest, which decides the part of the data to which the example belongs.
    package let digest: UInt64
    /// The encoder's features of the prompt.
    package let features: [Float]
    /// Tokens of the prompt.
    package let promptTokens: Int
    /// Tokens of the answer.
    package let produced: Int
    /// The most tokens that the answer could have; nil if only the context bounded it.
    package let limit: Int?
    /// Whether the limit ended the answer, so that its own length is at least `produced`.
    package let isCut: Bool

    package init(
        digest: UInt64, features: [Float], promptTokens: Int, produced: Int, limit: Int? = nil, isCut: Bool = false
    ) {
        self.digest = digest
        self.features = features
        self.promptTokens = promptTokens
        self.produced = produced
        self.limit = limit
        self.isCut = isCut
    }

    /// The example of an answer in a history, with the encoder's features of its prompt.
    package init(_ record: LengthRecord, features: [Float]) {
        self.init(
            digest: record.promptDigest, features: features, promptTokens: record.promptTokens,
            produced: record.produced, limit: record.limit, isCut: record.endedBy == .length)
    }

    var outcome: LengthDistribution.Outcome { .init(tokens: produced, isCut: isCut) }
}
