/// Devices, links, models and efficiency curves by name: built-in entries, and those that a user adds or replaces.
///
/// One line per entry. Fields may be in any order, but the source comes last, since it goes on to the end of the line:
///
///     curve NAME bandwidth=SHARE arithmetic=SHARE attention=SHARE overlap=P tile=ROWSxCOLUMNS launch_us=T source=...
///     link NAME gb_s=RATE latency_us=T [share=SHARE] [shared=yes] source=...
///     device NAME memory_mib=N gb_s=RATE tflops=RATE units=N curve=NAME link=NAME source=...
///     model NAME layers=N hidden=N ffn=N heads=N kv_heads=N vocabulary=N context=N
///         [head_size=N] [tied=yes] [gated=no] source=...            (in one line)
///
/// Empty lines and lines that begin with `#` are skipped. Names are case-insensitive.
public struct Catalogue: Sendable {
    public let curves: [EfficiencyCurve]
    public let links: [LinkKind]
    public let devices: [Hardware]
    public let models: [ModelShape]
    private let lines: [CatalogueLine]

    /// The built-in catalogue.
    public static let standard: Catalogue = {
        let text = [standardCurves, standardLinks, standardDevices, standardModels].joined(separator: "\n")
        do { return try Catalogue(text: text) } catch { preconditionFailure("the built-in catalogue: \(error)") }
    }()

    /// Reads a catalogue without the built-in entries.
    /// - Throws: `malformed_text` that names line and field.
    public init(text: String) throws(SimulationError) {
        try self.init(lines: try CatalogueLine.lines(of: text))
    }

    /// This catalogue with the entries of a text. An entry replaces an earlier entry of its kind and name, so that a
    /// curve or a link of the text also changes the built-in devices that refer to it.
    /// - Throws: `malformed_text` that names line and field.
    public func adding(_ text: String) throws(SimulationError) -> Catalogue {
        var merged = lines
        for line in try CatalogueLine.lines(of: text) {
            if let place = merged.firstIndex(where: { $0.names(line.kind, line.name) }) {
                merged[place] = line
            } else {
                merged.append(line)
            }
        }
        return try Catalogue(lines: merged)
    }

    private init(lines: [CatalogueLine]) throws(SimulationError) {
        var curves: [EfficiencyCurve] = []
        var links: [LinkKind] = []
        var devices: [Hardware] = []
        var models: [ModelShape] = []
        for line in lines where line.kind == "curve" { curves.append(try EfficiencyCurve(line)) }
        for line in lines where line.kind == "link" { links.append(try LinkKind(line)) }
        for line in lines where line.kind == "device" {
            devices.append(try Hardware(line, curves: curves, links: links))
        }
        for line in lines where line.kind == "model" { models.append(try ModelShape(line)) }
        self.curves = curves
        self.links = links
        self.devices = devices
        self.models = models
        self.lines = lines
    }

    /// - Throws: `unknown_name` with the names that there are.
    public func device(named name: String) throws(SimulationError) -> Hardware {
        try Self.find(name, in: devices, \.name, "device")
    }

    /// - Throws: `unknown_name` with the names that there are.
    public func link(named name: String) throws(SimulationError) -> LinkKind {
        try Self.find(name, in: links, \.name, "link")
    }

    /// - Throws: `unknown_name` with the names that there are.
    public func model(named name: String) throws(SimulationError) -> ModelShape {
        try Self.find(name, in: models, \.name, "model")
    }

    private static func find<Entry>(
        _ name: String, in entries: [Entry], _ key: KeyPath<Entry, String>, _ kind: String
    ) throws(SimulationError) -> Entry {
        let wanted = name.lowercased()
        guard let found = entries.first(where: { $0[keyPath: key].lowercased() == wanted }) else {
            let names = entries.map { $0[keyPath: key] }.joined(separator: ", ")
            throw SimulationError(.unknownName, "there is no \(kind) '\(name)'; the catalogue has \(names)")
        }
        return found
    }
}
