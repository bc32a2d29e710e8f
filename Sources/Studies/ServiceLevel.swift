import Simulation

/// What users are promised of each request: limits of its times, each of which may be left open.
package struct ServiceLevel: Sendable, Hashable {
    /// Seconds from its arrival to its first token.
    package var secondsToFirstToken: Double?
    /// Seconds from one token to the next, in the mean.
    package var secondsPerToken: Double?

    package init(secondsToFirstToken: Double? = nil, secondsPerToken: Double? = nil) {
        self.secondsToFirstToken = secondsToFirstToken
        self.secondsPerToken = secondsPerToken
    }

    package var isOpen: Bool { secondsToFirstToken == nil && secondsPerToken == nil }

    /// Whether a request kept to it. One that was refused did not; one of a single token has no time per token.
    package func holds(_ request: RequestOutcome) -> Bool {
        guard let first = request.secondsToFirstToken else { return false }
        return first <= secondsToFirstToken ?? .infinity
            && request.secondsPerToken ?? 0 <= secondsPerToken ?? .infinity
    }

    /// The share of requests that kept to it; 0 of none.
    package func attainment(_ requests: [RequestOutcome]) -> Double {
        requests.isEmpty ? 0 : Double(requests.count(where: holds)) / Double(requests.count)
    }
}
