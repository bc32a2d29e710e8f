/// The account of a decode phase for the marginal-value rule: a decode phase and the prefill phase after it are one cycle
/// of a renewal process, and the long-run rate is best when the phase ends as its present rate falls below that of the
/// whole cycle.
public struct RenewalCycle: Sendable, Hashable {
    /// Seconds that the decode steps so far would have taken at the best rate.
    public private(set) var useful = 0.0
    /// Seconds that they took, waiting for the largest micro-batch of the round included.
    public private(set) var elapsed = 0.0
    private let stages: Int
    /// Seconds of the latest decode steps, at most one a stage.
    private var recent: [Double] = []

    public init(stages: Int) { self.stages = stages }

    /// A decode micro-batch retired that took the slowest stage `seconds`, at a time when the best rate is `peakRate`
    /// tokens a second.
    public mutating func add(sequences: Int, seconds: Double, peakRate: Double) {
        if recent.count == stages { recent.removeFirst() }
        recent.append(seconds)
        useful += min(Double(sequences) / peakRate, seconds)
        elapsed += recent.max()!
    }

    /// The useful share of the cycle if the decode phase ended now: with a prefill phase of `prefill` useful seconds,
    /// and `bubble` seconds lost on the switches.
    public func rate(prefill: Double, bubble: Double) -> Double {
        let total = elapsed + prefill + bubble
        return total > 0 ? (useful + prefill) / total : 0
    }
}
