import Simulation

extension ArrivalProcess {
    /// The forms that `init(parsing:)` reads.
    package static let usage = "offline, poisson:RATE, gamma:RATE:CV, closed:CLIENTS"

    /// Reads `offline`, `poisson:2.5`, `gamma:2.5:3` or `closed:32`.
    /// - Throws: `malformed_text` with the forms that there are, `invalid_setting` for numbers that are not possible.
    package init(parsing text: String) throws(SimulationError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.dropFirst().map { Double($0) }
        switch (String(parts[0]), numbers.count) {
        case ("offline", 0):
            self = .offline
            return
        case ("poisson", 1):
            if let rate = numbers[0] {
                try self.init(.poisson(rate: rate))
                return
            }
        case ("gamma", 2):
            if let rate = numbers[0], let variation = numbers[1] {
                try self.init(.gamma(rate: rate, variation: variation))
                return
            }
        case ("closed", 1):
            if let clients = Int(parts[1]) {
                try self.init(.closed(clients: clients))
                return
            }
        default: break
        }
        throw SimulationError(.malformedText, "there are no arrivals '\(text)'; arrivals: \(Self.usage)")
    }

    /// Requests a second; nil for a process without a rate.
    package var rate: Double? {
        switch kind {
        case .poisson(let rate), .gamma(let rate, _): rate
        case .offline, .closed: nil
        }
    }

    /// This kind of process at another rate; `poisson` if the process has no rate.
    /// - Throws: `invalid_setting` for a rate that is not possible.
    package func with(rate: Double) throws(SimulationError) -> ArrivalProcess {
        if case .gamma(_, let variation) = kind {
            return try ArrivalProcess(.gamma(rate: rate, variation: variation))
        }
        return try ArrivalProcess(.poisson(rate: rate))
    }

    /// The process in the form that `init(parsing:)` reads.
    package var text: String {
        switch kind {
        case .offline: "offline"
        case .poisson(let rate): "poisson:\(rate)"
        case .gamma(let rate, let variation): "gamma:\(rate):\(variation)"
        case .closed(let clients): "closed:\(clients)"
        }
    }
}
