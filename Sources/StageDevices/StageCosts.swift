/// Measured seconds of parts of a model, for the same number of rows that each draw a token.
package struct StageCosts: Sendable, Hashable {
    /// One decoder layer; all are alike.
    package let layer: Double
    /// The whole output head.
    package let head: Double

    package init(layer: Double, head: Double) {
        self.layer = layer
        self.head = head
    }
}
