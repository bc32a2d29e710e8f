/// What a run teaches about the table of one stage: a factor on its times, with a value at each power of two of tokens
/// and linear interpolation in between.
///
/// A value moves towards the times observed near it by a share of the distance. An observation is clamped to between
/// half and twice the expected time, so that one outlier moves no value by more than that share. A value is adjusted on
/// its own once enough was observed near it; until then it follows its neighbours, and at first all values move
/// together: a stage that turns out to be twice as slow at the sizes seen so far is expected to be so at all sizes.
///
/// The spread of the observations around the expected times gives the uncertainty of a value. Where little was
/// observed, the uncertainty is that of the table.
struct StepCorrection: Sendable, Hashable {
    private static let knots = 32
    /// Micro-batches observed near a value before it is adjusted on its own.
    private static let enough = 16.0
    /// At 1, 2, 4, ... tokens.
    private var factors = [Double](repeating: 1, count: knots)
    private var observed = [Double](repeating: 0, count: knots)
    /// Mean distance of the latest observations near a value from the expected time, as a share of the expected time.
    private var spreads = [Double](repeating: 0, count: knots)
    private let share: Double
    private let bounds: ClosedRange<Double>

    /// - Parameters:
    ///   - share: the share of the distance by which one observation moves a value; above 0, at most 1.
    ///   - limit: the largest factor, at least 1; the smallest factor is its inverse.
    init(share: Double, limit: Double) {
        precondition(share > 0 && share <= 1 && limit >= 1)
        self.share = share
        bounds = 1 / limit...limit
    }

    func factor(_ tokens: Int) -> Double {
        let (knot, weight) = Self.place(tokens)
        return weight == 0 ? factors[knot] : factors[knot] + weight * (factors[knot + 1] - factors[knot])
    }

    /// Relative standard error of the times of micro-batches of `tokens` tokens.
    /// - Parameter table: the relative standard error of the table alone.
    func uncertainty(_ tokens: Int, table: Double) -> Double {
        let (knot, weight) = Self.place(tokens)
        let error = uncertainty(knot: knot, table: table)
        return weight == 0 ? error : max(error, uncertainty(knot: knot + 1, table: table))
    }

    private func uncertainty(knot: Int, table: Double) -> Double {
        guard isSettled(knot) else { return table }
        // The standard error of an average in which each older observation counts for `1 - share` of the next. A normal
        // deviation is 1.25 times the mean distance.
        return 1.25 * spreads[knot] * (share / (2 - share)).squareRoot()
    }

    /// A micro-batch of `tokens` tokens took `ratio` times as long as the table says.
    mutating func observe(_ tokens: Int, ratio: Double) {
        guard ratio > 0 && ratio.isFinite else { return }
        let (knot, weight) = Self.place(tokens)
        let distance = min(max(ratio / factor(tokens), 0.5), 2) - 1
        let step = share * distance
        note(abs(distance), weight: 1 - weight, at: knot)
        if weight > 0 { note(abs(distance), weight: weight, at: knot + 1) }
        guard let first = factors.indices.first(where: isSettled) else {
            // No value is settled yet, so all values are equal.
            let common = bounded(factors[0] * (1 + step))
            for index in factors.indices { factors[index] = common }
            return
        }
        if isSettled(knot) { factors[knot] = bounded(factors[knot] * (1 + step * (1 - weight))) }
        if weight > 0 && isSettled(knot + 1) { factors[knot + 1] = bounded(factors[knot + 1] * (1 + step * weight)) }
        spread(from: first)
    }

    /// Counts an observation. The spread is at first the mean of all observations, and then follows the latest ones.
    private mutating func note(_ distance: Double, weight: Double, at knot: Int) {
        guard weight > 0 else { return }
        observed[knot] += weight
        spreads[knot] += (distance - spreads[knot]) * weight / min(observed[knot], 2 * Self.enough)
    }

    private func isSettled(_ knot: Int) -> Bool { observed[knot] >= Self.enough }

    private func bounded(_ factor: Double) -> Double { min(max(factor, bounds.lowerBound), bounds.upperBound) }

    /// Sets the unsettled values by linear interpolation between their settled neighbours; constant beyond the
    /// outermost settled values.
    private mutating func spread(from first: Int) {
        for knot in 0..<first { factors[knot] = factors[first] }
        var last = first
        for knot in (first + 1)..<Self.knots where isSettled(knot) {
            let distance = Double((1 << knot) - (1 << last))
            for between in (last + 1)..<knot {
                let way = Double((1 << between) - (1 << last)) / distance
                factors[between] = factors[last] + way * (factors[knot] - factors[last])
            }
            last = knot
        }
        for knot in (last + 1)..<Self.knots { factors[knot] = factors[last] }
    }

    /// The power of two at or below `tokens`, and the share of the way to the next.
    private static func place(_ tokens: Int) -> (knot: Int, weight: Double) {
        guard tokens > 1 else { return (0, 0) }
        let knot = Int.bitWidth - 1 - tokens.leadingZeroBitCount
        guard knot < knots - 1 else { return (knots - 1, 0) }
        return (knot, Double(tokens - (1 << knot)) / Double(1 << knot))
    }
}
