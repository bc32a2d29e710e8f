import Simulation

/// The service level that users are promised: limits on the times of a request, each of which may be left open.
package struct ServiceLevel: Sendable, Hashable {
    /// The limit on the seconds from the arrival to the first token (TTFT); nil: no limit.
    package var secondsToFirstToken: Double?
    /// The limit on the mean seconds from one token to the next (TPOT); nil: no limit.
    package var secondsPerToken: Double?

    package init(secondsToFirstToken: Double? = nil, secondsPerToken: Double? = nil) {
        self.secondsToFirstToken = secondsToFirstToken
        self.secondsPerToken = secondsPerToken
    }

    package var isOpen: Bool { secondsToFirstToken == nil && secondsPerToken == nil }

    /// Whether a request met the level. A refused request did not; a request of a single token has no time per token.
    package func holds(_ request: RequestOutcome) -> Bool {
        guard let first = request.secondsToFirstToken else { return false }
        return first <= secondsToFirstToken ?? .infinity
            && request.secondsPerToken ?? 0 <= secondsPerToken ?? .infinity
    }

    /// The share of requests that met the level; 0 without requests.
    package func attainment(_ requests: [RequestOutcome]) -> Double {
        requests.isEmpty ? 0 : Double(requests.count(where: holds)) / Double(requests.count)
    }
}
