/// Measured seconds of parts of a model, for the same number of rows that each draw a token.
public struct StageCosts: Sendable, Hashable {
    /// One decoder layer; all are alike.
    public let layer: Double
    /// The whole output head.
    public let head: Double

    public init(layer: Double, head: Double) {
        self.layer = layer
        self.head = head
    }
}
