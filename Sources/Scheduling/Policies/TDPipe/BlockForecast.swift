/// The simulated use of KV blocks over the decode steps to come, the basis of TD-Pipe's greedy prefill
/// (arXiv 2506.10470, section 3.2).
///
/// A request that holds `tokens` tokens and takes `steps` more decode steps holds `ceil((tokens + j) / block)` blocks
/// after step `j`, and none once the micro-batch of its last step has retired. The forecast sums these blocks over the
/// requests, for future steps in bins: single steps at first, then bins that grow by a sixteenth. A request that may be
/// alive at any time of a bin counts with its greatest length in the bin, so the peak is never too low. Adding a
/// request and reading the peak take time proportional to the number of bins.
package struct BlockForecast: Sendable {
    /// Steps for which a request still counts after its last step.
    ///
    /// Requests are not at the same step: of two that decode, one may be up to two steps ahead (a round apart, and
    /// preferred by work stealing). When the foremost request is given its step `j`, it has retired step `j - 1`, so
    /// every request has been given its step `j - 3`, if it had one, and those given before step `j - 1` of the
    /// foremost have retired. So a request of `s` steps can hold blocks at `j` only if `s >= j - 3`, and it holds no
    /// more than after `min(s, j)` steps. With lengths that are never too short the true use therefore stays within the
    /// peak.
    package static let lag = 3

    /// The first and the last step of each bin.
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
    package private(set) var requests = 0
    /// The most blocks in use at any step.
    package private(set) var peak = 0

    package init(tokensPerBlock: Int) {
        precondition(tokensPerBlock > 0)
        self.tokensPerBlock = tokensPerBlock
        usage = Array(repeating: 0, count: Self.bins.count)
    }

    /// Forgets all requests.
    package mutating func removeAll() {
        for bin in usage.indices { usage[bin] = 0 }
        requests = 0
        peak = 0
    }

    /// Counts a request that holds `tokens` tokens, at least 0, and takes `steps` more decode steps, at least 0. The
    /// sum of `tokens` and `steps` must not overflow.
    package mutating func add(tokens: Int, steps: Int) {
        requests += 1
        for (index, bin) in Self.bins.enumerated() {
            guard bin.first - Self.lag <= steps else { break }
            usage[index] += blocks(tokens + min(bin.last, steps))
            peak = max(peak, usage[index])
        }
    }

    /// A request that holds `tokens` tokens, at least 0, and takes `steps` more decode steps, at least 0.
    package struct Request: Sendable, Hashable {
        package var tokens: Int
        package var steps: Int

        package init(tokens: Int, steps: Int) {
            self.tokens = tokens
            self.steps = steps
        }
    }

    /// Counts many requests at once. The result is that of adding the requests one by one, but the time is proportional
    /// to the sum of requests and bins, not to their product.
    ///
    /// In a bin that a request outlives, the request holds `ceil((tokens + last) / block)` blocks. Over many such
    /// requests this is a sum of whole blocks and, for each remainder of `tokens`, a count; from the last bin to the
    /// first, sum and counts only ever grow. The few bins around a request's end are counted one by one.
    package mutating func add(_ added: [Request]) {
        guard let longest = added.lazy.map(\.steps).max() else { return }
        let bins = Self.bins
        let end = Self.bin(of: longest)
        // By bin, of the requests that outlive this bin and not the next: whole blocks, and counts by remainder.
        var whole = [Int](repeating: 0, count: end + 1)
        var remainders = [Int](repeating: 0, count: (end + 1) * tokensPerBlock)
        for request in added {
            var bin = Self.bin(of: request.steps)
            let outlived = request.steps == bins[bin].last ? bin : bin - 1
            if outlived >= 0 {
                let (quotient, remainder) = request.tokens.quotientAndRemainder(dividingBy: tokensPerBlock)
                whole[outlived] += quotient
                remainders[outlived * tokensPerBlock + remainder] += 1
            }
            bin = outlived + 1
            let last = blocks(request.tokens + request.steps)
            while bin < bins.count, bins[bin].first - Self.lag <= request.steps {
                usage[bin] += last
                bin += 1
            }
        }
        var blocksOutlived = 0
        var counts = [Int](repeating: 0, count: tokensPerBlock)
        for bin in (0...end).reversed() {
            blocksOutlived += whole[bin]
            usage[bin] += blocksOutlived
            for remainder in 0..<tokensPerBlock {
                counts[remainder] += remainders[bin * tokensPerBlock + remainder]
                if counts[remainder] > 0 { usage[bin] += counts[remainder] * blocks(remainder + bins[bin].last) }
            }
        }
        requests += added.count
        for bin in usage.indices { peak = max(peak, usage[bin]) }
    }

    /// The bin that holds a step.
    private static func bin(of step: Int) -> Int {
        if step < binOfStep.count { return binOfStep[step] }
        var low = 0
        var high = bins.count - 1
        while low < high {
            let middle = (low + high) / 2
            if bins[middle].last < step { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The bins of small steps, as a table.
    private static let binOfStep: [Int] = bins.indices.flatMap { index in
        bins[index].last < 2048 ? [Int](repeating: index, count: bins[index].last - bins[index].first + 1) : []
    }

    /// Counts blocks that are held until the micro-batches now in flight have retired.
    package mutating func add(leavingBlocks: Int) {
        for (index, bin) in Self.bins.enumerated() {
            guard bin.first <= Self.lag else { break }
            usage[index] += leavingBlocks
            peak = max(peak, usage[index])
        }
    }

    /// What `peak` would be with one more request.
    package func peak(addingTokens tokens: Int, steps: Int) -> Int {
        var most = peak
        for (index, bin) in Self.bins.enumerated() {
            guard bin.first - Self.lag <= steps else { break }
            most = max(most, usage[index] + blocks(tokens + min(bin.last, steps)))
        }
        return most
    }

    private func blocks(_ tokens: Int) -> Int { (tokens + tokensPerBlock - 1) / tokensPerBlock }
}
