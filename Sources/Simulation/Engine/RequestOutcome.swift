import Scheduling

/// What became of a simulated request.
public struct RequestOutcome: Sendable, Hashable {
    /// The arrival time, or in a closed loop the moment at which the client sent the request.
    public internal(set) var arrival: Instant
    /// When the first token reached the controller; nil for a request that was refused.
    public internal(set) var firstToken: Instant?
    /// When the last token reached the controller; nil for a request that was refused.
    public internal(set) var end: Instant?
    /// Tokens of the answer.
    public internal(set) var generated = 0
    /// Why the request could never run; nil for a request that ran.
    public internal(set) var refusal: String?

    init(arrival: Instant) { self.arrival = arrival }

    /// TTFT: from the arrival to the first token.
    public var secondsToFirstToken: Double? { firstToken?.seconds(since: arrival) }

    /// TPOT: the mean time of the tokens after the first; nil if the answer has fewer than two tokens.
    public var secondsPerToken: Double? {
        guard let firstToken, let end, generated > 1 else { return nil }
        return end.seconds(since: firstToken) / Double(generated - 1)
    }
}
