/// Measured seconds of parts of a model, for one micro-batch whose rows each draw a token.
package struct StageCosts: Sendable, Hashable {
    /// Seconds of one decoder layer; all layers take the same time.
    package let layer: Double
    /// Seconds of the whole output head.
    package let head: Double

    package init(layer: Double, head: Double) {
        self.layer = layer
        self.head = head
    }
}
