import Platform

/// The trained part of a predictor: turns an encoder's features and a prompt's length into a score, the mean of several
/// perceptrons that learned from different parts of the data.
struct LengthHead: Sendable, Hashable {
    let scaler: FeatureScaler
    /// At least one; all have as many inputs as the scaler.
    let perceptrons: [Perceptron]
    /// The score for a perceptron's result of 0.
    let targetMean: Float
    /// The increase of the score for a perceptron's result that is larger by 1; above 0.
    let targetDeviation: Float
    let usesPromptLength: Bool

    /// The number of features that the encoder gives for a prompt.
    var features: Int { scaler.means.count - (usesPromptLength ? 1 : 0) }

    /// The inputs of the perceptrons before they are scaled.
    static func inputs(_ features: [Float], promptTokens: Int, usesPromptLength: Bool) -> [Float] {
        guard usesPromptLength else { return features }
        return features + CollectionOfOne(Float(Math.logarithm(Double(max(promptTokens, 0)) + 1)))
    }

    /// The mean result of the perceptrons as a score; nil if the number of features is wrong or a number not finite.
    func score(_ features: [Float], promptTokens: Int) -> Double? {
        guard features.count == self.features else { return nil }
        let row = scaler.scaled(
            Self.inputs(features, promptTokens: promptTokens, usesPromptLength: usesPromptLength))
        guard row.allSatisfy(\.isFinite) else { return nil }
        let sum = perceptrons.reduce(0.0) { $0 + Double($1.results(of: row)[0]) }
        return value(sum / Double(perceptrons.count))
    }

    /// The score for a perceptron's result; nil if it is not finite.
    func value(_ result: Double) -> Double? {
        let value = Double(targetMean) + result * Double(targetDeviation)
        return value.isFinite ? value : nil
    }
}
