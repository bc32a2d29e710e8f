import Platform
import Scheduling

/// How good several predictors are on the same answers.
package struct LengthEvaluation: Sendable, Hashable {
    /// The figures of one predictor. Of its forecasts, the likeliest class counts where classes are compared, the
    /// median where lengths are compared, and the mean where sums are compared.
    package struct Row: Sendable, Hashable {
        package let name: String
        /// The share of answers whose class was predicted.
        package let accuracy: Double
        /// The mean distance between predicted and true class (L1 over the classes' numbers).
        package let classError: Double
        /// The mean distance between predicted and true length, in tokens.
        package let tokenError: Double
        /// The mean error of the predicted sum over 64 answers drawn at random, as a share of the true sum.
        package let sumError64: Double
        /// The mean error of the predicted sum over 256 answers drawn at random, as a share of the true sum.
        package let sumError256: Double
        /// The predicted sum over all answers as a share of the true sum, less 1.
        package let bias: Double

        /// The error of sums: the mean of `sumError64` and `sumError256`.
        package var sumError: Double { (sumError64 + sumError256) / 2 }
    }

    /// The number of answers that were predicted.
    package let answers: Int
    /// The longest answer of each class except the last, in tokens.
    package let cuts: [Int]
    package let rows: [Row]

    /// The number of random batches of each size, over which the errors of sums are averaged.
    private static let draws = 1000

    /// - Parameters:
    ///   - methods: the name of each predictor, and its forecast of each example.
    ///   - seed: the seed of the random batches, which are drawn with replacement and are the same for all methods.
    init(
        _ methods: [(name: String, forecasts: [LengthForecast])], of examples: [LengthExample], classes: AnswerClasses,
        seed: UInt64
    ) {
        answers = examples.count
        cuts = classes.cuts
        let truth = examples.map { Double($0.produced) }
        rows = methods.map { method in
            precondition(method.forecasts.count == examples.count, "\(method.forecasts.count) forecasts")
            let medians = method.forecasts.map(\.median)
            let places = zip(method.forecasts, examples).map { forecast, example in
                abs(classes.likeliest(of: forecast) - classes.index(of: example.produced))
            }
            let means = method.forecasts.map(\.mean)
            let errors = [64, 256].map { Self.sumError(means, truth, batch: $0, seed: seed) }
            let count = Double(max(1, examples.count))
            return Row(
                name: method.name, accuracy: Double(places.count { $0 == 0 }) / count,
                classError: Double(places.reduce(0, +)) / count,
                tokenError: zip(medians, truth).reduce(0) { $0 + abs($1.0 - $1.1) } / count,
                sumError64: errors[0], sumError256: errors[1],
                bias: means.reduce(0, +) / max(1, truth.reduce(0, +)) - 1)
        }
    }

    private static func sumError(_ predicted: [Double], _ truth: [Double], batch: Int, seed: UInt64) -> Double {
        guard !truth.isEmpty else { return 0 }
        var draws = DrawSequence(seed: seed &+ UInt64(batch))
        var error = 0.0
        for _ in 0..<Self.draws {
            var (sum, expected) = (0.0, 0.0)
            for _ in 0..<batch {
                let index = draws.index(below: truth.count)
                sum += truth[index]
                expected += predicted[index]
            }
            error += abs(expected - sum) / max(1, sum)
        }
        return error / Double(Self.draws)
    }
}

extension LengthForecast {
    /// The median of the lengths.
    fileprivate var median: Double {
        let tokens = tokens
        return Double(tokens[Self.count / 2 - 1] + tokens[Self.count / 2]) / 2
    }
}
