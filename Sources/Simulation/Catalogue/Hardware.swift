/// A device by its data sheet, and the share of it that the device reaches.
public struct Hardware: Sendable, Hashable {
    public let name: String
    /// Bytes of memory that the driver reports.
    public let memoryBytes: Int
    /// Peak memory bandwidth in bytes a second.
    public let bytesPerSecond: Double
    /// Peak operations a second of dense 16-bit matrix products; a multiply-add counts as two.
    public let operationsPerSecond: Double
    /// The number of units that each work on one tile: streaming multiprocessors, GPU cores, CPU cores.
    public let units: Int
    public let curve: EfficiencyCurve
    /// The default link between several such devices in one host.
    public let link: LinkKind
    public let source: String

    /// Seconds of a product of a `rows` x `inputs` matrix of activations with an `inputs` x `outputs` matrix of
    /// weights.
    ///
    /// - Parameters:
    ///   - weightBytes: bytes of one weight.
    ///   - activationBytes: bytes of one activation.
    public func productSeconds(
        rows: Int, inputs: Int, outputs: Int, weightBytes: Double, activationBytes: Double
    ) -> Double {
        guard rows > 0, outputs > 0 else { return 0 }
        let height = curve.tileHeight(rows: rows)
        let tiles = ((rows + height - 1) / height) * ((outputs + curve.tileColumns - 1) / curve.tileColumns)
        let waves = (tiles + units - 1) / units
        let computed = 2 * Double(waves * units) * Double(height * curve.tileColumns) * Double(inputs)
        let activations = Double(rows) * Double(inputs + outputs)
        let bytes = weightBytes * Double(inputs) * Double(outputs) + activationBytes * activations
        return curve.overlapped(
            computed / (operationsPerSecond * curve.arithmeticShare), bytes / (bytesPerSecond * curve.bandwidthShare))
    }
}
