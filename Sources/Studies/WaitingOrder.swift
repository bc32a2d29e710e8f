import Simulation

/// The order in which a study tells every policy the requests of an offline workload.
package enum WaitingOrder: String, Sendable, Hashable, CaseIterable {
    /// As they come.
    case arrival
    /// Those with the longest predicted answers first; equal predictions in the order of arrival.
    case longest

    /// The names, with commas between them.
    package static let usage = allCases.map(\.rawValue).joined(separator: ", ")

    /// - Throws: `unknown_name` with the orders that there are.
    package init(parsing text: String) throws(SimulationError) {
        guard let order = WaitingOrder(rawValue: text) else {
            throw SimulationError(.unknownName, "there is no order '\(text)'; orders: \(Self.usage)")
        }
        self = order
    }

    /// Checks that there is an order to bring the requests into.
    /// - Throws: `invalid_setting` for requests that do not come all at once, or a predictor that predicts nothing
    ///   before the run begins.
    package func check(_ predictor: PredictorChoice, _ arrivals: ArrivalProcess) throws(SimulationError) {
        guard self == .longest else { return }
        if case .engine(let name) = predictor.source {
            throw SimulationError(
                .invalidSetting,
                "order is longest, and the predictor '\(name)' says nothing of a request before the run; predictors "
                    + "to order by: oracle, class-means, constant:TOKENS")
        }
        guard arrivals == .offline else {
            throw SimulationError(
                .invalidSetting,
                "order is longest, and arrivals are \(arrivals.text); only requests that come all at once "
                    + "(arrivals=offline) can be ordered")
        }
    }

    /// The requests in this order.
    /// - Throws: `invalid_setting` for requests of different times that are to be brought into another order.
    package func sorted(_ requests: [SimulatedRequest]) throws(SimulationError) -> [SimulatedRequest] {
        guard self == .longest else { return requests }
        if let late = requests.first(where: { $0.arrival != requests[0].arrival }) {
            throw SimulationError(
                .invalidSetting,
                "order is longest, and the requests of the trace come at \(requests[0].arrival.seconds) s, "
                    + "\(late.arrival.seconds) s and so on; only requests that come all at once can be ordered")
        }
        // Swift's sort keeps the order of equal elements, but does not promise it.
        return requests.enumerated().sorted { one, other in
            let lengths = (one.element.expectedTokens, other.element.expectedTokens)
            return lengths.0 != lengths.1 ? lengths.0 > lengths.1 : one.offset < other.offset
        }.map(\.element)
    }
}

extension SimulatedRequest {
    fileprivate var expectedTokens: Int { predictedTokens ?? outputTokens }
}
