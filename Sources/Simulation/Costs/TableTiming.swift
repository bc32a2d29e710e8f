import Scheduling

/// Stage times from a measured table of whole-model steps, dealt out by layers.
///
/// The table holds the output head, so that the stages have none of their own. It knows nothing of context; the time of
/// attention may be added.
public struct TableTiming: StageTiming {
    public let table: StepTable
    /// Layers of each stage; a stage takes its share of the whole.
    public let layers: [Int]
    /// Seconds of the whole model for each token whose keys and values are read.
    public let secondsPerCacheRead: Double
    /// Bytes that a stage hands on for each token.
    public let bytesPerToken: Int
    private let shares: [Double]

    /// - Throws: `invalid_setting` without layers, for a negative number of them, or a time below 0.
    public init(
        _ table: StepTable, layers: [Int], secondsPerCacheRead: Double = 0, bytesPerToken: Int
    ) throws(SimulationError) {
        let sum = layers.reduce(0.0) { $0 + Double($1) }
        guard sum > 0, layers.allSatisfy({ $0 >= 0 }) else {
            throw SimulationError(
                .invalidSetting, "the stages have the layers \(layers); none below 0, and one above, are needed")
        }
        guard secondsPerCacheRead >= 0, secondsPerCacheRead.isFinite, bytesPerToken >= 0 else {
            throw SimulationError(
                .invalidSetting,
                "\(secondsPerCacheRead) s for each token of context and \(bytesPerToken) bytes for each token were "
                    + "given; neither may be below 0")
        }
        self.table = table
        self.layers = layers
        self.secondsPerCacheRead = secondsPerCacheRead
        self.bytesPerToken = bytesPerToken
        shares = layers.map { Double($0) / sum }
    }

    public var stages: Int { layers.count }

    public func layerSeconds(_ load: StepLoad, on stage: Int) -> Double {
        layerSeconds(load, cacheReads: secondsPerCacheRead > 0 ? load.estimatedCacheReads : 0, on: stage)
    }

    public func layerSeconds(_ load: StepLoad, cacheReads: Double, on stage: Int) -> Double {
        shares[stage] * (table.seconds(tokens: load.tokens) + secondsPerCacheRead * cacheReads)
    }

    public func headSeconds(_ load: StepLoad, on stage: Int) -> Double { 0 }

    public func activationBytes(_ load: StepLoad) -> Int {
        let (bytes, overflows) = load.tokens.multipliedReportingOverflow(by: bytesPerToken)
        return overflows ? .max : bytes
    }
}
