import Scheduling

/// The lengths of one request.
public struct RequestLengths: Sendable, Hashable {
    /// At least 1.
    public let promptTokens: Int
    /// At least 1.
    public let outputTokens: Int
    /// The answer length that a learned predictor expected; nil if the workload has no forecasts.
    public let forecast: LengthForecast?

    static let possible = 1...(1 << 30)

    /// - Throws: `invalid_request` for a length outside 1...2^30.
    public init(
        promptTokens: Int, outputTokens: Int, forecast: LengthForecast? = nil
    ) throws(SimulationError) {
        guard Self.possible.contains(promptTokens), Self.possible.contains(outputTokens) else {
            throw SimulationError(
                .invalidRequest,
                "a request of \(promptTokens) prompt and \(outputTokens) output tokens; 1...\(1 << 30) are possible")
        }
        self.init(known: promptTokens, outputTokens, forecast: forecast)
    }

    /// For lengths that are known to be valid.
    init(known promptTokens: Int, _ outputTokens: Int, forecast: LengthForecast? = nil) {
        self.promptTokens = promptTokens
        self.outputTokens = outputTokens
        self.forecast = forecast
    }

    /// Reads a table with the columns `prompt_tokens` and `output_tokens`; other columns are ignored.
    /// - Throws: `malformed_text` that names line and column.
    public static func list(csv text: String) throws(SimulationError) -> [RequestLengths] {
        let table = try CSVTable(text)
        let prompt = try table.place(of: "prompt_tokens")
        let output = try table.place(of: "output_tokens")
        var lengths: [RequestLengths] = []
        lengths.reserveCapacity(table.rows.count)
        for row in table.rows {
            lengths.append(
                RequestLengths(
                    known: try table.integer(row, prompt, in: possible), try table.integer(row, output, in: possible)))
        }
        return lengths
    }
}
