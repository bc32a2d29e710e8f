/// What became of answers by what a regression had said of them: the way from a score to a forecast.
///
/// Answers that the regression did not learn from are put in the order of their scores and cut into bins of equal
/// numbers. What is expected of a score is what the answers of its bin had. So forecasts have no error in common,
/// whatever the regression's own errors are, and their sum over many requests is right. Neighbouring bins that
/// contradict the order of the scores are joined. Nothing is blended between bins: where many answers have the same
/// length, as at a limit, that would make up lengths that no answer has.
struct CalibrationCurve: Sendable, Hashable {
    /// An answer, and what the regression said of it without having seen it.
    struct Answer {
        let score: Double
        let outcome: LengthDistribution.Outcome
    }

    /// The lowest score of each bin, ascending; finite. The first bin takes all that is below it, too.
    let scores: [Float]
    /// What is expected from each of `scores` on.
    let octiles: [LengthOctiles]

    /// Answers that a bin has at least, if there are so many at all.
    private static let binSize = 60
    private static let mostBins = 16

    /// - Precondition: there is at least one answer, and all scores are finite.
    init(_ answers: [Answer]) {
        precondition(!answers.isEmpty, "a calibration with no answers; at least one is needed")
        // Among equal scores the lengths stay mixed.
        let order = answers.indices.sorted { (answers[$0].score, $0) < (answers[$1].score, $1) }
        let sorted = order.map { answers[$0] }
        let count = max(1, min(Self.mostBins, sorted.count / Self.binSize))
        var bins: [Bin] = []
        for index in 0..<count {
            bins.append(Bin(sorted[(sorted.count * index / count)..<(sorted.count * (index + 1) / count)]))
            while bins.count > 1, !bins[bins.count - 1].isAbove(bins[bins.count - 2]) {
                let last = bins.removeLast()
                bins.append(Bin(bins.removeLast().answers + last.answers))
            }
        }
        scores = bins.map(\.score)
        octiles = bins.map(\.octiles)
    }

    /// Of a file, whose numbers have been checked.
    init(scores: [Float], octiles: [LengthOctiles]) {
        precondition(!scores.isEmpty && scores.count == octiles.count, "\(scores.count) scores, \(octiles.count) bins")
        self.scores = scores
        self.octiles = octiles
    }

    /// What is expected of an answer with this finite score.
    func octiles(at score: Double) -> LengthOctiles {
        let score = Float(score)
        let above = scores.firstIndex { $0 > score } ?? scores.count
        return octiles[max(0, above - 1)]
    }

    private struct Bin {
        let answers: ArraySlice<Answer>
        let score: Float
        let octiles: LengthOctiles
        let mean: Double

        init(_ answers: ArraySlice<Answer>) {
            self.answers = answers
            score = Float(answers[answers.startIndex].score)
            octiles = LengthOctiles(LengthDistribution(answers.map(\.outcome)).octileMeans)
            mean = octiles.mean
        }

        func isAbove(_ other: Bin) -> Bool { score > other.score && mean > other.mean }
    }
}
