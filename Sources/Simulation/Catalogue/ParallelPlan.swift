/// How a model is spread over devices: pipeline stages, each of which is a group of devices that share every matrix.
public struct ParallelPlan: Sendable, Hashable, CustomStringConvertible {
    /// Stages, at least 1.
    public let pipeline: Int
    /// Devices of a stage, at least 1.
    public let tensor: Int

    private static let limit = 1024

    /// - Throws: `invalid_setting` for counts outside 1...1024.
    public init(pipeline: Int = 1, tensor: Int = 1) throws(SimulationError) {
        for (count, what) in [(pipeline, "stages"), (tensor, "devices a stage")] where !(1...Self.limit ~= count) {
            throw SimulationError(.invalidSetting, "\(count) \(what) were asked for; 1...\(Self.limit) are possible")
        }
        self.pipeline = pipeline
        self.tensor = tensor
    }

    /// Reads `pp4`, `tp4`, `tp2pp2` or `pp2tp2`.
    /// - Throws: `malformed_text` for another form, `invalid_setting` for counts that are not possible.
    public init(_ text: String) throws(SimulationError) {
        var counts: [String: Int] = [:]
        var rest = text.lowercased()[...]
        while !rest.isEmpty {
            let kind = String(rest.prefix(2))
            let digits = rest.dropFirst(2).prefix { $0.isASCII && $0.isNumber }
            guard kind == "pp" || kind == "tp", counts[kind] == nil, let count = Int(digits) else {
                throw SimulationError(
                    .malformedText, "the parallel plan '\(text)' is not of the form pp4, tp4 or tp2pp2")
            }
            counts[kind] = count
            rest = rest.dropFirst(2 + digits.count)
        }
        guard !counts.isEmpty else {
            throw SimulationError(.malformedText, "the parallel plan is empty; pp4, tp4 or tp2pp2 are possible")
        }
        try self.init(pipeline: counts["pp"] ?? 1, tensor: counts["tp"] ?? 1)
    }

    public var devices: Int { pipeline * tensor }

    /// The plan in the form that `init(_:)` reads: `pp4`, `tp4`, `tp2pp2`.
    public var description: String {
        if tensor == 1 { return "pp\(pipeline)" }
        return pipeline == 1 ? "tp\(tensor)" : "tp\(tensor)pp\(pipeline)"
    }
}
