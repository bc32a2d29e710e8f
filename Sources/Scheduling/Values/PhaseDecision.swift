/// Why a policy went from one phase to another, with the figures that it compared.
public struct PhaseDecision: Sendable, Hashable {
    /// What made the policy switch.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// Nothing is left to prefill.
        case noneWaiting = "none waiting"
        /// The simulated use of KV blocks reached the pool.
        case poolForecast = "pool forecast"
        /// The next prompt found no free blocks, or too many sequences are active.
        case poolFull = "pool full"
        /// Prompts beside decode steps are faster than apart.
        case piggyback
        /// Nothing is left to decode.
        case noneDecoding = "none decoding"
        /// The spatial intensity fell below the temporal one.
        case intensity
        /// A fixed threshold of an ablation was crossed.
        case threshold
        /// The time between tokens (`tpot`): answers had no time left for more prompts, or have saved enough for more.
        case tokenTime = "TPOT bound"
        /// A first token would have come too late (`ttft`).
        case firstTokenTime = "TTFT bound"
    }

    public var to: Phase
    public var reason: Reason
    /// The share of the peak decode rate if the policy had stayed in decode; nil where it was not computed.
    public var spatial: Double?
    /// The useful share of the time if the policy switches; nil where it was not computed.
    public var temporal: Double?
    /// Requests that wait at the switch.
    public var waiting: Int
    /// Sequences that decode at the switch.
    public var decoding: Int

    public init(
        to: Phase, reason: Reason, spatial: Double? = nil, temporal: Double? = nil, waiting: Int, decoding: Int
    ) {
        self.to = to
        self.reason = reason
        self.spatial = spatial
        self.temporal = temporal
        self.waiting = waiting
        self.decoding = decoding
    }
}
