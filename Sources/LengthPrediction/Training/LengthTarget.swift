import Platform

/// The target that a head learns for an answer.
struct LengthTarget {
    private let kind: LearnedLengths.Kind
    private let classes: AnswerClasses
    private let tails: TailMeans
    /// The mean of the targets of the learned examples.
    private(set) var mean: Float = 0
    /// The standard deviation of the targets of the learned examples.
    private(set) var deviation: Float = 1

    init(_ kind: LearnedLengths.Kind, classes: AnswerClasses, learning: [LengthExample]) {
        self.kind = kind
        self.classes = classes
        let value = { tokens in Self.value(tokens, kind, classes) }
        tails = LengthDistribution(learning.map(\.outcome)).tailMeans(of: value)
        let values = learning.map { self.value(of: $0) }
        let mean = values.reduce(0, +) / Double(values.count)
        let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        self.mean = Float(mean)
        deviation = square > 1e-12 ? Float(square.squareRoot()) : 1
    }

    /// The target of an example, scaled to mean 0 and deviation 1.
    func scaled(_ example: LengthExample) -> Float { (Float(value(of: example)) - mean) / deviation }

    /// The target of an example before scaling. An answer that was cut counts with the mean over the answers that went
    /// on for longer, if there are any.
    private func value(of example: LengthExample) -> Double {
        let own = Self.value(example.produced, kind, classes)
        guard example.isCut, let longer = tails.mean(beyond: example.produced) else { return own }
        return longer
    }

    private static func value(_ tokens: Int, _ kind: LearnedLengths.Kind, _ classes: AnswerClasses) -> Double {
        switch kind {
        case .classes: Double(classes.index(of: tokens))
        case .quantiles: Math.logarithm(Double(max(tokens, 1)))
        }
    }
}
