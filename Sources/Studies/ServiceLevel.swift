import Simulation

/// What users are promised of each request: limits of its times, each of which may be left open.
public struct ServiceLevel: Sendable, Hashable {
    /// Seconds from its arrival to its first token.
    public var secondsToFirstToken: Double?
    /// Seconds from one token to the next, in the mean.
    public var secondsPerToken: Double?

    public init(secondsToFirstToken: Double? = nil, secondsPerToken: Double? = nil) {
        self.secondsToFirstToken = secondsToFirstToken
        self.secondsPerToken = secondsPerToken
    }

    public var isOpen: Bool { secondsToFirstToken == nil && secondsPerToken == nil }

    /// Whether a request kept to it. One that was refused did not; one of a single token has no time per token.
    public func holds(_ request: RequestOutcome) -> Bool {
        guard let first = request.secondsToFirstToken else { return false }
        return first <= secondsToFirstToken ?? .infinity
            && request.secondsPerToken ?? 0 <= secondsPerToken ?? .infinity
    }

    /// The share of requests that kept to it; 0 of none.
    public func attainment(_ requests: [RequestOutcome]) -> Double {
        requests.isEmpty ? 0 : Double(requests.count(where: holds)) / Double(requests.count)
    }
}
