import Platform

/// The trained part of a predictor: from an encoder's numbers and a prompt's length to a score, the mean of several
/// perceptrons that learned from different parts of the data.
struct LengthHead: Sendable, Hashable {
    let scaler: FeatureScaler
    /// At least one; all take as many inputs as the scaler.
    let perceptrons: [Perceptron]
    /// What 0 of a perceptron means.
    let targetMean: Float
    /// What 1 more of a perceptron means; above 0.
    let targetDeviation: Float
    let usesPromptLength: Bool

    /// Numbers that the encoder gives for a prompt.
    var features: Int { scaler.means.count - (usesPromptLength ? 1 : 0) }

    /// The inputs of the perceptrons before they are scaled.
    static func inputs(_ features: [Float], promptTokens: Int, usesPromptLength: Bool) -> [Float] {
        guard usesPromptLength else { return features }
        return features + CollectionOfOne(Float(Math.logarithm(Double(max(promptTokens, 0)) + 1)))
    }

    /// The mean result of the perceptrons; nil where the features are not as many as they must be, or lead to no
    /// number.
    func score(_ features: [Float], promptTokens: Int) -> Double? {
        guard features.count == self.features else { return nil }
        let row = scaler.scaled(
            Self.inputs(features, promptTokens: promptTokens, usesPromptLength: usesPromptLength))
        guard row.allSatisfy(\.isFinite) else { return nil }
        let sum = perceptrons.reduce(0.0) { $0 + Double($1.results(of: row)[0]) }
        return value(sum / Double(perceptrons.count))
    }

    /// What a perceptron's result means; nil if that is no number.
    func value(_ result: Double) -> Double? {
        let value = Double(targetMean) + result * Double(targetDeviation)
        return value.isFinite ? value : nil
    }
}
