/// The simulated use of KV blocks over the decode steps to come, the basis of TD-Pipe's greedy prefill
/// (arXiv 2506.10470, section 3.2).
///
/// A request that holds `tokens` tokens and takes `steps` more decode steps holds `ceil((tokens + j) / block)` blocks
/// after step `j`, and none once the micro-batch of its last step has retired. The forecast sums these blocks over the
/// requests, for future steps in bins: single steps at first, then bins that grow by a sixteenth. A request that may be
/// alive at any time of a bin counts with its greatest length in the bin, so the peak is never too low. Adding a
/// request and reading the peak take time proportional to the number of bins.
///
/// A request whose length is not known counts in each bin with what it holds in the mean of eight equally likely
/// lengths: its blocks times the chance that it lives on. The sum over many requests is then right in the mean; with
/// the mean of the lengths in place of them it would be too high at first and too low later.
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
    /// Blocks in use in each bin, in eighths.
    private var usage: [Int]
    private var highest = 0
    /// Requests that were added.
    package private(set) var requests = 0
    /// The most blocks in use at any step.
    package var peak: Int { Self.whole(highest) }

    package init(tokensPerBlock: Int) {
        precondition(tokensPerBlock > 0)
        self.tokensPerBlock = tokensPerBlock
        usage = Array(repeating: 0, count: Self.bins.count)
    }

    /// Forgets all requests.
    package mutating func removeAll() {
        for bin in usage.indices { usage[bin] = 0 }
        requests = 0
        highest = 0
    }

    private static func whole(_ eighths: Int) -> Int { (eighths + 7) / 8 }

    /// Counts a request that holds `tokens` tokens, at least 0, and takes `steps` more decode steps, at least 0. The
    /// sum of `tokens` and `steps` must not overflow.
    package mutating func add(tokens: Int, steps: Int) { add(tokens: tokens, steps: LikelyLengths(known: steps)) }

    /// Counts a request that takes one of eight equally likely numbers of decode steps.
    package mutating func add(tokens: Int, steps: LikelyLengths) {
        requests += 1
        walk(tokens: tokens, steps: steps) { index, eighths in
            usage[index] += eighths
            highest = max(highest, usage[index])
        }
    }

    /// Calls `body` for each bin in which a request may hold blocks, with the eighths of blocks that it holds there in
    /// the mean.
    private func walk(tokens: Int, steps: LikelyLengths, _ body: (Int, Int) -> Void) {
        // Of the eight, those before `alive` have ended, those from `outliving` on outlive the bin.
        var alive = 0
        var outliving = 0
        for (index, bin) in Self.bins.enumerated() {
            while alive < 8, steps[alive] < bin.first - Self.lag { alive += 1 }
            if alive == 8 { break }
            outliving = max(outliving, alive)
            while outliving < 8, steps[outliving] < bin.last { outliving += 1 }
            var eighths = outliving < 8 ? (8 - outliving) * blocks(tokens + bin.last) : 0
            for ending in alive..<outliving { eighths += blocks(tokens + steps[ending]) }
            body(index, eighths)
        }
    }

    /// A request that holds `tokens` tokens, at least 0, and takes `steps` more decode steps, at least 0.
    package struct Request: Sendable, Hashable {
        package var tokens: Int
        package var steps: LikelyLengths

        package init(tokens: Int, steps: LikelyLengths) {
            self.tokens = tokens
            self.steps = steps
        }

        package init(tokens: Int, steps: Int) { self.init(tokens: tokens, steps: LikelyLengths(known: steps)) }
    }

    /// Counts many requests at once. The result is that of adding the requests one by one, but the time is proportional
    /// to the sum of requests and bins, not to their product.
    ///
    /// In a bin that a request outlives, the request holds `ceil((tokens + last) / block)` blocks. Over many such
    /// requests this is a sum of whole blocks and, for each remainder of `tokens`, a count; from the last bin to the
    /// first, sum and counts only ever grow. The few bins around a request's end are counted one by one.
    package mutating func add(_ added: [Request]) {
        guard let longest = added.lazy.map({ $0.steps[7] }).max() else { return }
        let bins = Self.bins
        let end = Self.bin(of: longest)
        // By bin, of the requests that outlive this bin and not the next: whole blocks, and counts by remainder.
        var whole = [Int](repeating: 0, count: end + 1)
        var remainders = [Int](repeating: 0, count: (end + 1) * tokensPerBlock)
        for request in added {
            let (quotient, remainder) = request.tokens.quotientAndRemainder(dividingBy: tokensPerBlock)
            let weight = request.steps.isKnown ? 8 : 1
            for part in stride(from: 0, to: 8, by: weight) {
                let steps = request.steps[part]
                var bin = Self.bin(of: steps)
                let outlived = steps == bins[bin].last ? bin : bin - 1
                if outlived >= 0 {
                    whole[outlived] += weight * quotient
                    remainders[outlived * tokensPerBlock + remainder] += weight
                }
                bin = outlived + 1
                let last = weight * blocks(request.tokens + steps)
                while bin < bins.count, bins[bin].first - Self.lag <= steps {
                    usage[bin] += last
                    bin += 1
                }
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
        for bin in usage.indices { highest = max(highest, usage[bin]) }
    }

    /// The bin that holds a step.
    private static func bin(of step: Int) -> Int {
        if step < binOfStep.count { return binOfStep[step] }
        return bins.sortedIndex { $0.last >= step }
    }

    /// The bins of small steps, as a table.
    private static let binOfStep: [Int] = bins.indices.flatMap { index in
        bins[index].last < 2048 ? [Int](repeating: index, count: bins[index].last - bins[index].first + 1) : []
    }

    /// Counts blocks that are held until the micro-batches now in flight have retired.
    package mutating func add(leavingBlocks: Int) {
        for (index, bin) in Self.bins.enumerated() {
            guard bin.first <= Self.lag else { break }
            usage[index] += 8 * leavingBlocks
            highest = max(highest, usage[index])
        }
    }

    /// What `peak` would be with one more request.
    package func peak(addingTokens tokens: Int, steps: Int) -> Int {
        peak(addingTokens: tokens, steps: LikelyLengths(known: steps))
    }

    package func peak(addingTokens tokens: Int, steps: LikelyLengths) -> Int {
        var most = highest
        walk(tokens: tokens, steps: steps) { index, eighths in most = max(most, usage[index] + eighths) }
        return Self.whole(most)
    }

    private func blocks(_ tokens: Int) -> Int { (tokens + tokensPerBlock - 1) / tokensPerBlock }
}
