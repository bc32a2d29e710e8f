import Scheduling
import Simulation

/// The source of the requests of a study.
package struct StudyWorkload: Sendable, Hashable {
    /// The kinds of source.
    package enum Source: Sendable, Hashable {
        /// Lengths, drawn from a shape or from a list.
        case lengths(SimulatedWorkload.Lengths)
        /// Requests with times of their own.
        case trace(RequestTrace)
    }
    package let name: String
    package let source: Source

    package init(name: String, source: Source) {
        self.name = name
        self.source = source
    }

    /// Lengths of a built-in kind.
    /// - Throws: `unknown_name` with the kinds that there are.
    package init(shapeNamed name: String) throws(SimulationError) {
        self.init(name: name, source: .lengths(.shape(try LengthShape.named(name))))
    }

    /// Reads a table: a trace if it has a column `arrival_s`, else lengths.
    /// - Throws: `malformed_text` that names line and column, `invalid_setting` for a table without requests.
    package init(name: String, csv text: String) throws(SimulationError) {
        let headings = text.prefix { $0 != "\n" && $0 != "\r\n" }.split(separator: ",")
        self.name = name
        let isEmpty: Bool
        if headings.contains("arrival_s") {
            let trace = try RequestTrace(csv: text)
            isEmpty = trace.requests.isEmpty
            source = .trace(trace)
        } else {
            let list = try RequestLengths.list(csv: text)
            isEmpty = list.isEmpty
            source = .lengths(.list(list))
        }
        guard !isEmpty else { throw SimulationError(.invalidSetting, "\(name) has 0 requests; at least 1 is needed") }
    }

    /// The requests for these settings, in the order in which policies are told them: `settings.requests` of them, or
    /// all requests of a shorter trace.
    /// - Throws: `invalid_setting` for settings that do not go together, a rate that the trace cannot be brought to, or
    ///   an order that its requests cannot be brought into.
    package func requests(for settings: StudySettings) throws(SimulationError) -> SimulatedWorkload {
        try settings.check()
        let predictions = try settings.predictor.model()
        let drawn = try drawn(for: settings, predictions)
        return SimulatedWorkload(try settings.order.sorted(drawn.requests), clients: drawn.clients)
    }

    private func drawn(
        for settings: StudySettings, _ predictions: PredictionModel?
    ) throws(SimulationError) -> SimulatedWorkload {
        switch source {
        case .lengths(let lengths):
            return try SimulatedWorkload(
                lengths, count: settings.requests, arrivals: settings.arrivals, predictions: predictions,
                seed: settings.seed)
        case .trace(let trace):
            var taken = trace.prefix(settings.requests)
            if let rate = settings.arrivals.rate { taken = try taken.at(rate: rate) }
            return SimulatedWorkload(taken, predictions: predictions, seed: settings.seed)
        }
    }
}

extension RequestTrace {
    /// The same requests, stretched or squeezed to a mean rate.
    /// - Throws: `invalid_setting` for a trace that takes no time, or a rate that is too far from its own.
    func at(rate: Double) throws(SimulationError) -> RequestTrace {
        guard let last = requests.last?.arrival.seconds, last > 0 else {
            throw SimulationError(
                .invalidSetting, "all requests of the trace come at once, so that they have no rate to change")
        }
        return try faster(by: rate * last / Double(requests.count))
    }
}
