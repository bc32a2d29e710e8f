import Scheduling

/// Classes of answer lengths, cut at the 25th, 50th, 75th and 99th percentiles of a model's answers, as in TD-Pipe's
/// predictor (arXiv 2506.10470, section 3.2).
///
/// There are five classes if the lengths allow it. If many answers have the same length, as at a common limit, a cut
/// through them moves to the side that is nearer to its percentile. Cuts that coincide become one cut, and a cut
/// without answers above it is dropped. So no class is empty, and answers of a single length are one class.
package struct AnswerClasses: Sendable, Hashable {
    /// The percentiles of the cuts.
    package static let percentiles = [25, 50, 75, 99]
    /// The longest answer of each class except the last, ascending.
    package let cuts: [Int]
    /// The expected lengths of an answer of each class.
    let octiles: [LengthOctiles]

    /// Makes the classes of these answers. The expected lengths of a class are those of its `LengthDistribution`.
    ///
    /// - Precondition: there is at least one answer.
    package init(_ outcomes: [LengthDistribution.Outcome]) {
        precondition(!outcomes.isEmpty, "classes of no answers; at least one is needed")
        let sorted = outcomes.map(\.tokens).sorted()
        var cuts: [Int] = []
        for percentile in Self.percentiles {
            let cut = Self.cut(at: percentile, of: sorted)
            if cut > cuts.last ?? .min, cut < sorted[sorted.count - 1] { cuts.append(cut) }
        }
        self.cuts = cuts
        var members = [[LengthDistribution.Outcome]](repeating: [], count: cuts.count + 1)
        for outcome in outcomes { members[Self.place(of: outcome.tokens, cuts)].append(outcome) }
        octiles = members.map { LengthOctiles(LengthDistribution($0).octileMeans) }
    }

    /// For the numbers of a file, which have been checked.
    init(cuts: [Int], octiles: [LengthOctiles]) {
        precondition(octiles.count == cuts.count + 1, "\(octiles.count) classes for \(cuts.count) cuts")
        self.cuts = cuts
        self.octiles = octiles
    }

    /// The number of classes, 1...5.
    package var count: Int { octiles.count }

    /// The mean length of each class in tokens.
    package var means: [Double] { octiles.map(\.mean) }

    /// The class of an answer of this length, from 0.
    package func index(of tokens: Int) -> Int { Self.place(of: tokens, cuts) }

    /// The class with the most lengths of a forecast; among equals, the class of the longest answers.
    func likeliest(of forecast: LengthForecast) -> Int {
        var counts = [Int](repeating: 0, count: count)
        for tokens in forecast.tokens { counts[index(of: tokens)] += 1 }
        return counts.indices.max { (counts[$0], $0) < (counts[$1], $1) } ?? 0
    }

    /// The class for the result of a regression on the class's number.
    func index(nearest value: Double) -> Int { Int(min(max(value.rounded(), 0), Double(count - 1))) }

    private static func place(of tokens: Int, _ cuts: [Int]) -> Int {
        cuts.firstIndex { tokens <= $0 } ?? cuts.count
    }

    /// The longest length below the cut.
    private static func cut(at percentile: Int, of sorted: [Int]) -> Int {
        let wanted = Double(sorted.count * percentile) / 100
        let length = sorted[min(sorted.count - 1, max(0, Int(wanted.rounded(.up)) - 1))]
        // The cut may go before or after all answers of exactly this length.
        let shorter = sorted.firstIndex(of: length) ?? 0
        let notLonger = (sorted.lastIndex(of: length) ?? 0) + 1
        let isNearerBelow = wanted - Double(shorter) < Double(notLonger) - wanted
        return shorter > 0 && isNearerBelow ? sorted[shorter - 1] : length
    }
}
