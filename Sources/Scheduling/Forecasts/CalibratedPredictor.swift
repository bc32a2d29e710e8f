/// Corrects the predictions of another predictor by the factor by which answers turn out longer or shorter than it says.
///
/// The factor is the mean of length over prediction, estimated as `SurvivalCurve` estimates lengths: an answer that still
/// runs counts with what it has so far over its prediction, as a ratio that is at least so much. Only predictions that are
/// far off are corrected: a factor near 1 would be the noise of the estimate.
package struct CalibratedPredictor: LengthPredictor {
    private var base: any LengthPredictor
    private var ratios = OrderedWindow(capacity: 512)
    private(set) var factor = 1.0

    /// A ratio of 1.
    private static let unit = 1024
    private static let factors = 1.0 / 64...64.0
    /// Factors that are not applied.
    private static let nearOne = 1 / 1.5...1.5
    /// Answers from which on a factor is applied.
    private static let leastAnswers = 16
    /// Predictions beyond this count as this: no answer is so long.
    private static let longest = 1e9

    private init(_ base: any LengthPredictor) { self.base = base }

    /// A predictor with its bias corrected; the predictor itself if it knows lengths or learns them.
    package static func correcting(_ base: any LengthPredictor) -> any LengthPredictor {
        base.isExact || base.learnsLengths ? base : CalibratedPredictor(base)
    }

    package var name: String { base.name }
    package var learnsLengths: Bool { true }

    package func answerTokens(_ facts: AnswerFacts) -> Int {
        scaled(base.answerTokens(unscaled(facts)), above: facts.generated)
    }

    package func likelyLengths(_ facts: AnswerFacts) -> LikelyLengths {
        let lengths = base.likelyLengths(unscaled(facts))
        if lengths.isKnown { return LikelyLengths(known: scaled(lengths[0], above: facts.generated)) }
        return LikelyLengths((0..<LikelyLengths.count).map { scaled(lengths[$0], above: facts.generated) })
    }

    package func possibleLength(_ facts: AnswerFacts, share: Double) -> Int {
        scaled(base.possibleLength(unscaled(facts), share: share), above: facts.generated)
    }

    /// What the base is asked of an answer: its length so far, in the measure of the base.
    private func unscaled(_ facts: AnswerFacts) -> AnswerFacts {
        guard factor != 1 else { return facts }
        var unscaled = facts
        unscaled.generated = Int(Double(facts.generated) / factor)
        return unscaled
    }

    private func scaled(_ tokens: Int, above generated: Int) -> Int {
        guard factor != 1 else { return tokens }
        let scaled = min(max(Double(tokens), 0), Self.longest) * factor
        return max(Int(scaled.rounded()), generated + 1)
    }

    package mutating func observe(promptTokens: Int, generated: Int) {
        base.observe(promptTokens: promptTokens, generated: generated)
    }

    package mutating func observe(_ answer: AnswerFacts) {
        ratios.add(ratio(answer))
        base.observe(answer)
    }

    package mutating func observe(running answers: [AnswerFacts]) {
        base.observe(running: answers)
        let curve = SurvivalCurve(lengths: ratios.values, running: answers.map(ratio), usual: Double(Self.unit))
        let mean = curve.residual(beyond: 0) / Double(Self.unit)
        let isFarOff = ratios.values.count >= Self.leastAnswers && !Self.nearOne.contains(mean)
        factor = isFarOff ? min(max(mean, Self.factors.lowerBound), Self.factors.upperBound) : 1
    }

    /// What an answer has over what the base said before it began, in units.
    private func ratio(_ answer: AnswerFacts) -> Int {
        var beginning = answer
        beginning.generated = 0
        let predicted = min(max(Double(base.answerTokens(beginning)), 1), Self.longest)
        return Int(min(Double(answer.generated) / predicted, 1e6) * Double(Self.unit))
    }
}
