import Scheduling

/// Stage times from data sheets: matrix products on a device's roofline, attention by context, ring all-reduces.
///
/// A stage of `n` layers and a micro-batch of `m` rows takes n times the sum of
///
/// - the four products of a layer (query-key-value, output, gate-and-up, down), each cut over the devices of the stage;
/// - attention: 4 x heads x head size operations for each token attended to, and the keys and values that are read;
/// - with tensor parallelism, two all-reduces of m rows;
///
/// and at least the time to launch n layers. Element-wise work is left out: on the measured devices the efficiency of
/// the products includes it.
public struct RooflineTiming: StageTiming {
    public let model: ModelShape
    public let device: Hardware
    public let layout: StageLayout
    /// The number of devices of a stage.
    public let tensor: Int
    /// The link between the devices of a stage.
    public let tensorLink: LinkKind
    public let settings: ModelSettings
    /// Seconds of a layer's products and all-reduces for 0, 1, 2, ... rows.
    private let layerTable: [Double]
    /// By stage: seconds of its share of the output head for 0, 1, 2, ... rows.
    private let headTables: [[Double]]
    /// Seconds of a layer's attention arithmetic for each token attended to.
    private let secondsPerContextToken: Double
    /// Seconds of a layer's memory traffic for each token whose key and value are read.
    private let secondsPerCacheRead: Double

    private static let tabulatedRows = 2048

    /// - Parameters:
    ///   - layout: the layout of this model.
    ///   - tensor: devices of a stage, at least 1.
    ///   - tensorLink: nil: the link that the catalogue gives the device.
    /// - Throws: `invalid_setting` for fewer than one device a stage.
    public init(
        model: ModelShape, device: Hardware, layout: StageLayout, tensor: Int = 1, tensorLink: LinkKind? = nil,
        settings: ModelSettings = ModelSettings()
    ) throws(SimulationError) {
        guard tensor >= 1 else {
            throw SimulationError(.invalidSetting, "\(tensor) devices a stage were asked for; at least 1 is needed")
        }
        self.model = model
        self.device = device
        self.layout = layout
        self.tensor = tensor
        self.tensorLink = tensorLink ?? device.link
        self.settings = settings
        let work = RowWork(
            model: model, device: device, tensor: tensor, link: tensorLink ?? device.link, settings: settings)
        secondsPerContextToken = work.secondsPerContextToken
        secondsPerCacheRead = work.secondsPerCacheRead
        let rows = 0...Self.tabulatedRows
        layerTable = rows.map(work.layerSeconds)
        var tables: [[Double]] = []
        for (stage, share) in layout.vocabulary.enumerated() {
            if let equal = layout.vocabulary[..<stage].firstIndex(of: share) {
                tables.append(tables[equal])
            } else {
                tables.append(share == 0 ? [] : rows.map { work.headSeconds(rows: $0, tokens: share) })
            }
        }
        headTables = tables
    }

    public var stages: Int { layout.stages }

    public func layerSeconds(_ load: StepLoad, on stage: Int) -> Double {
        layerSeconds(load, cacheReads: load.estimatedCacheReads, on: stage)
    }

    public func layerSeconds(_ load: StepLoad, cacheReads: Double, on stage: Int) -> Double {
        guard load.tokens > 0 else { return 0 }
        let products = load.tokens < layerTable.count ? layerTable[load.tokens] : work.layerSeconds(rows: load.tokens)
        let attention = device.curve.overlapped(
            secondsPerContextToken * Double(load.context), secondsPerCacheRead * cacheReads)
        return Double(layout.layers[stage]) * max(products + attention, device.curve.launchSeconds)
    }

    public func headSeconds(_ load: StepLoad, on stage: Int) -> Double {
        let (rows, table) = (load.sequences, headTables[stage])
        guard rows > 0, !table.isEmpty else { return 0 }
        return rows < table.count ? table[rows] : work.headSeconds(rows: rows, tokens: layout.vocabulary[stage])
    }

    /// `boundaryTensors` tensors of a row's width for each row.
    public func activationBytes(_ load: StepLoad) -> Int {
        let bytes = Double(load.tokens) * Double(model.hidden * settings.boundaryTensors) * settings.activationBytes
        return Int(exactly: bytes.rounded(.up)) ?? Int.max
    }

    private var work: RowWork {
        RowWork(model: model, device: device, tensor: tensor, link: tensorLink, settings: settings)
    }
}
