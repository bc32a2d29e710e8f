/// The simulated use of KV blocks over the decode steps to come: TD-Pipe's greedy prefill stands on it
/// (arXiv 2506.10470, section 3.2).
///
/// A request that holds `tokens` tokens and takes `steps` more decode steps holds `ceil((tokens + j) / block)` blocks
/// after `j` of them, and none once the micro-batch of its last step has retired. The forecast sums that over the
/// requests, for steps from now on in bins: single steps at first, then bins that grow by a sixteenth. In a bin each
/// request counts with its greatest length there, if it may be alive at any time of the bin, so the peak is never too
/// low. Adding a request and reading the peak take time in proportion to the bins.
public struct BlockForecast: Sendable {
    /// Steps for which a request counts after its last one.
    ///
    /// Requests are not at the same step: of two that decode, one may be up to two steps ahead (a round apart, and
    /// preferred by work stealing). When the foremost request is given its step `j`, it has retired step `j - 1`, so
    /// every request has been given its step `j - 3`, if it had one, and those given before step `j - 1` of the foremost
    /// have retired. So a request of `s` steps can hold blocks at `j` only if `s >= j - 3`, and it holds no more than
    /// after `min(s, j)` steps. With lengths that are never too short the true use therefore stays within the peak.
    public static let lag = 3

    /// For each bin its first and its last step.
    private static let bins: [(first: Int, last: Int)] = {
        var bins: [(Int, Int)] = []
        var first = 0
        while first < 1 << 20 {
            let last = first + first / 16
            bins.append((first, last))
            first = last + 1
        }
        bins.append((first, .max))
        return bins
    }()

    private let tokensPerBlock: Int
    /// Blocks in use in each bin.
    private var usage: [Int]
    /// Requests that were added.
    public private(set) var requests = 0
    /// The most blocks in use at any step.
    public private(set) var peak = 0

    public init(tokensPerBlock: Int) {
        precondition(tokensPerBlock > 0)
        self.tokensPerBlock = tokensPerBlock
        usage = Array(repeating: 0, count: Self.bins.count)
    }

    /// Forgets all requests.
    public mutating func removeAll() {
        for bin in usage.indices { usage[bin] = 0 }
        requests = 0
        peak = 0
    }

    /// Counts a request that holds `tokens` tokens, at least 0, and takes `steps` more decode steps, at least 0. Both
    /// together may not exceed what `Int` holds.
    public mutating func add(tokens: Int, steps: Int) {
        requests += 1
        for (index, bin) in Self.bins.enumerated() {
            guard bin.first - Self.lag <= steps else { break }
            usage[index] += blocks(tokens + min(bin.last, steps))
            peak = max(peak, usage[index])
        }
    }

    /// Counts blocks that are held until the micro-batches now in flight have retired.
    public mutating func add(leavingBlocks: Int) {
        for (index, bin) in Self.bins.enumerated() {
            guard bin.first <= Self.lag else { break }
            usage[index] += leavingBlocks
            peak = max(peak, usage[index])
        }
    }

    /// What `peak` would be with one more request.
    public func peak(addingTokens tokens: Int, steps: Int) -> Int {
        var most = peak
        for (index, bin) in Self.bins.enumerated() {
            guard bin.first - Self.lag <= steps else { break }
            most = max(most, usage[index] + blocks(tokens + min(bin.last, steps)))
        }
        return most
    }

    private func blocks(_ tokens: Int) -> Int { (tokens + tokensPerBlock - 1) / tokensPerBlock }
}
