/// The calibration from the score of a regression to a forecast.
///
/// Answers that the regression did not learn from are sorted by their scores and cut into bins of equal numbers. The
/// forecast for a score has the lengths of the answers in its bin. So forecasts have no common error, whatever the
/// regression's own errors are, and their sum over many requests is right. Neighbouring bins that contradict the order
/// of the scores are joined. Bins are not interpolated: where many answers have the same length, as at a limit,
/// interpolation would make up lengths that no answer has.
struct CalibrationCurve: Sendable, Hashable {
    /// An answer, and the score of a regression that did not learn from it.
    struct Answer {
        let score: Double
        let outcome: LengthDistribution.Outcome
    }

    /// The lowest score of each bin, ascending; finite. The first bin takes all lower scores, too.
    let scores: [Float]
    /// The expected lengths of each bin.
    let octiles: [LengthOctiles]

    /// The least number of answers in a bin, unless there are fewer answers in all.
    private static let binSize = 60
    private static let mostBins = 16

    /// - Precondition: there is at least one answer, and all scores are finite.
    init(_ answers: [Answer]) {
        precondition(!answers.isEmpty, "a calibration with no answers; at least one is needed")
        // Answers of equal scores keep their order, and so stay mixed in length.
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

    /// For the numbers of a file, which have been checked.
    init(scores: [Float], octiles: [LengthOctiles]) {
        precondition(!scores.isEmpty && scores.count == octiles.count, "\(scores.count) scores, \(octiles.count) bins")
        self.scores = scores
        self.octiles = octiles
    }

    /// The expected lengths of an answer with this score, which must be finite.
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
