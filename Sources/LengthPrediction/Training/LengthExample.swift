/// One answer to learn from: what was known before it began, and how long it became.
package struct LengthExample: Sendable, Hashable {
    /// The prompt's digest; it decides which part of the data the example is in.
    package let digest: UInt64
    /// The encoder's numbers for the prompt.
    package let features: [Float]
    /// Tokens of the prompt.
    package let promptTokens: Int
    /// Tokens of the answer.
    package let produced: Int
    /// The most tokens that it could have; nil where only the context bounded it.
    package let limit: Int?
    /// Whether the limit ended it, so that it is at least `produced` long.
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

    /// The answer of a history, with what the encoder says of its prompt.
    package init(_ record: LengthRecord, features: [Float]) {
        self.init(
            digest: record.promptDigest, features: features, promptTokens: record.promptTokens,
            produced: record.produced, limit: record.limit, isCut: record.endedBy == .length)
    }

    var outcome: LengthDistribution.Outcome { .init(tokens: produced, isCut: isCut) }
}
