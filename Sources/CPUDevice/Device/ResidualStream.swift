import StageDevices

/// Activations of a micro-batch between two layers, in the memory of this process.
package struct ResidualStream: StageTensor {
    /// [tokens of the micro-batch, hidden].
    package let rows: Activations
    /// The layer that comes next: any layer that two neighbouring stages both reach.
    package let nextLayer: Int

    package init(_ rows: Activations, nextLayer: Int) {
        self.rows = rows
        self.nextLayer = nextLayer
    }

    package var rowCount: Int { rows.rows }
}
