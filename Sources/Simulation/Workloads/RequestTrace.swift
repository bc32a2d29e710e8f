import Scheduling

/// Requests with their recorded arrival times.
public struct RequestTrace: Sendable, Hashable {
    /// In the order of arrival.
    public let requests: [SimulatedRequest]

    private static let mostSeconds = 1e9

    /// Reads a table with the columns `arrival_s` (seconds since the beginning), `prompt_tokens` and `output_tokens`;
    /// other columns are ignored.
    /// - Throws: `malformed_text` that names line and column; arrivals may not go back.
    public init(csv text: String) throws(SimulationError) {
        let table = try CSVTable(text)
        let arrival = try table.place(of: "arrival_s")
        let prompt = try table.place(of: "prompt_tokens")
        let output = try table.place(of: "output_tokens")
        var requests: [SimulatedRequest] = []
        requests.reserveCapacity(table.rows.count)
        var last = 0.0
        for row in table.rows {
            let seconds = try table.number(row, arrival, in: 0...Self.mostSeconds)
            guard seconds >= last else {
                throw SimulationError(
                    .malformedText, "line \(row.line): arrival_s is \(seconds) after \(last); arrivals may not go back")
            }
            last = seconds
            requests.append(
                SimulatedRequest(
                    arrival: Instant(nanoseconds: Int64((seconds * 1e9).rounded())),
                    promptTokens: try table.integer(row, prompt, in: RequestLengths.possible),
                    outputTokens: try table.integer(row, output, in: RequestLengths.possible)))
        }
        self.requests = requests
    }

    private init(_ requests: [SimulatedRequest]) { self.requests = requests }

    /// The first requests of the trace.
    public func prefix(_ count: Int) -> RequestTrace { RequestTrace(Array(requests.prefix(max(0, count)))) }

    /// The same requests at another rate.
    /// - Parameter factor: 2 for twice as many requests a second.
    /// - Throws: `invalid_setting` for a factor outside 0.001...1000.
    public func faster(by factor: Double) throws(SimulationError) -> RequestTrace {
        guard (0.001...1000).contains(factor) else {
            throw SimulationError(
                .invalidSetting, "a trace was to be \(factor) times as fast; 0.001...1000 are possible")
        }
        return RequestTrace(
            requests.map { request in
                var changed = request
                changed.arrival = Instant(
                    nanoseconds: Int64((Double(request.arrival.nanoseconds) / factor).rounded()))
                return changed
            })
    }
}
