extension StageFit {
    /// Fits a stage to the times that it took for these loads; at least one.
    ///
    /// The fit assumes that a token attended to costs the same in a decode step as in a prompt, that a drawn token
    /// costs the same in a large batch as in a small one, and that errors are proportional to the time. Then
    ///
    /// 1. times of equal tokens and equal draws differ by their context alone: the weighted median of their difference
    ///    quotients is the cost of a token attended to;
    /// 2. without the context's share, times of equal tokens (a prompt and decode steps) differ by their draws alone,
    ///    and the cost of a drawn token is found in the same way;
    /// 3. the base at each number of tokens is the median of the times that are left there.
    ///
    /// Medians keep single outliers from moving the fit. A cost that no samples reveal is 0, and the base includes it.
    init(fitting times: [(load: StepLoad, seconds: Double)]) {
        let sorted = times.sorted {
            ($0.load.tokens, $0.load.sequences, $0.load.context) < ($1.load.tokens, $1.load.sequences, $1.load.context)
        }
        var rest = sorted.map { Remainder(load: $0.load, seconds: $0.seconds, measured: $0.seconds) }
        let perContext = Self.takeSlope(of: \.context, from: &rest) {
            $0.tokens == $1.tokens && $0.sequences == $1.sequences
        }
        let perSequence = Self.takeSlope(of: \.sequences, from: &rest) { $0.tokens == $1.tokens }
        let points = Self.groups(rest) { $0.tokens == $1.tokens }.map { group in
            Point(tokens: group.first!.load.tokens, seconds: median(group.map(\.seconds)))
        }
        let shortest = times.reduce(.infinity) { min($0, $1.seconds) }
        self.init(
            points: points, secondsPerContextToken: perContext, secondsPerSequence: perSequence,
            floor: max(1e-9, shortest / 100))
    }

    /// A measured time, and the part of it that has not been accounted for yet.
    private struct Remainder {
        let load: StepLoad
        var seconds: Double
        let measured: Double
    }

    /// The seconds that one more of `quantity` takes among loads that are otherwise alike. Subtracts this part from
    /// `rest`, which is sorted so that such loads are neighbours.
    private static func takeSlope(
        of quantity: KeyPath<StepLoad, Int>, from rest: inout [Remainder], alike: (StepLoad, StepLoad) -> Bool
    ) -> Double {
        var slopes: [(value: Double, weight: Double)] = []
        for group in groups(rest, alike: alike) {
            let levels = groups(group) { $0[keyPath: quantity] == $1[keyPath: quantity] }
            let seconds = levels.map { median($0.map(\.seconds)) }
            // Pairs each level with the level half the group further on: far apart, and no more pairs than levels.
            let apart = (levels.count + 1) / 2
            for (low, high) in zip(levels.indices, levels.indices.dropFirst(apart)) where apart > 0 && low < high {
                let (a, b) = (levels[low].first!, levels[high].first!)
                let distance = Double(b.load[keyPath: quantity] - a.load[keyPath: quantity])
                let value = (seconds[high] - seconds[low]) / distance
                slopes.append((value, distance / (a.measured + b.measured)))
            }
        }
        guard !slopes.isEmpty else { return 0 }
        let slope = max(0, weightedMedian(slopes))
        for index in rest.indices { rest[index].seconds -= slope * Double(rest[index].load[keyPath: quantity]) }
        return slope
    }

    private static func groups<Items: RandomAccessCollection>(
        _ items: Items, alike: (StepLoad, StepLoad) -> Bool
    ) -> [Items.SubSequence] where Items.Element == Remainder, Items.Index == Int {
        var result: [Items.SubSequence] = []
        var start = items.startIndex
        for index in items.indices where index + 1 == items.endIndex || !alike(items[start].load, items[index + 1].load)
        {
            result.append(items[start...index])
            start = index + 1
        }
        return result
    }
}

/// The middle value; the mean of the middle two for an even number of values.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/// The value with half of the weight on either side.
private func weightedMedian(_ values: [(value: Double, weight: Double)]) -> Double {
    let sorted = values.sorted { $0.value < $1.value }
    let half = sorted.reduce(0) { $0 + $1.weight } / 2
    var sum = 0.0
    for entry in sorted {
        sum += entry.weight
        if sum >= half { return entry.value }
    }
    return sorted[sorted.count - 1].value
}
