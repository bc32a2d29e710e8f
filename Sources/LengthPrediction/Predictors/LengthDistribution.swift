/// The distribution of answer lengths, estimated from answers of which some were cut by their limits.
///
/// The weight of an answer that was cut goes in equal shares to the answers that went on for longer (the Kaplan-Meier
/// estimate, by Efron's redistribution to the right). If no answer went on for longer, the cut answer counts with its
/// own length: under the same limits, later answers will be cut there too.
package struct LengthDistribution: Sendable, Hashable {
    /// How one answer ended.
    package struct Outcome: Sendable, Hashable {
        /// Tokens of the answer.
        package let tokens: Int
        /// Whether the limit ended the answer.
        package let isCut: Bool

        package init(tokens: Int, isCut: Bool) {
            self.tokens = tokens
            self.isCut = isCut
        }
    }

    /// The lengths in ascending order.
    package let tokens: [Int]
    /// The weight of each of `tokens`; the sum of all weights is 1.
    package let weights: [Double]

    /// - Precondition: there is at least one outcome.
    package init(_ outcomes: [Outcome]) {
        precondition(!outcomes.isEmpty, "a distribution of no lengths; at least one is needed")
        // Of equal lengths the cut answers come last, since they are at least that long.
        let sorted = outcomes.sorted { ($0.tokens, $0.isCut ? 1 : 0) < ($1.tokens, $1.isCut ? 1 : 0) }
        tokens = sorted.map(\.tokens)
        var share = 1 / Double(sorted.count)
        weights = sorted.indices.map { index in
            let longer = sorted.count - 1 - index
            guard sorted[index].isCut, longer > 0 else { return share }
            share += share / Double(longer)
            return 0
        }
    }

    /// The mean length in tokens.
    package var mean: Double { zip(tokens, weights).reduce(0) { $0 + Double($1.0) * $1.1 } }

    /// The means of eight parts of equal weight, in ascending order; their mean is `mean`.
    package var octileMeans: [Float] {
        let count = Double(LengthOctiles.count)
        var sums = [Double](repeating: 0, count: LengthOctiles.count)
        var before = 0.0
        for (tokens, weight) in zip(tokens, weights) where weight > 0 {
            // A length may lie on the border of two parts, or fill several parts.
            let after = before + weight
            var part = min(Int(before * count), LengthOctiles.count - 1)
            while before < after {
                let isLast = part == LengthOctiles.count - 1
                let end = isLast ? after : min(after, Double(part + 1) / count)
                sums[part] += max(0, end - before) * Double(tokens)
                before = end
                if end < after { part += 1 }
            }
            before = after
        }
        return sums.map { Float($0 * count) }
    }

    /// For answers that were cut: the means of `value` over all longer lengths.
    func tailMeans(of value: (Int) -> Double) -> TailMeans {
        TailMeans(tokens: tokens, weights: weights, values: tokens.map(value))
    }
}

/// Means of a quantity over all lengths that are longer than a given one.
struct TailMeans {
    private let tokens: [Int]
    /// `sums[i]` is the weighted sum of the values of `tokens[i...]`; one longer than `tokens`.
    private let sums: [Double]
    /// `weights[i]` is the sum of the weights of `tokens[i...]`; one longer than `tokens`.
    private let weights: [Double]

    fileprivate init(tokens: [Int], weights: [Double], values: [Double]) {
        self.tokens = tokens
        var sums = [Double](repeating: 0, count: tokens.count + 1)
        var totals = sums
        for index in tokens.indices.reversed() {
            sums[index] = sums[index + 1] + weights[index] * values[index]
            totals[index] = totals[index + 1] + weights[index]
        }
        self.sums = sums
        self.weights = totals
    }

    /// The mean over all lengths above `length`; nil if there are none.
    func mean(beyond length: Int) -> Double? {
        var (low, high) = (0, tokens.count)
        while low < high {
            let middle = (low + high) / 2
            if tokens[middle] <= length { low = middle + 1 } else { high = middle }
        }
        return weights[low] > 0 ? sums[low] / weights[low] : nil
    }
}
