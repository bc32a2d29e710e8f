import LengthPrediction
import Platform

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Answers whose lengths follow from their features by a known relation, and by chance.
struct PlantedAnswers {
    var width = 12
    /// Standard deviation of the logarithm of the length, by chance.
    var noise = 0.3
    var limit: Int?
    var seed: UInt64 = 7

    func examples(_ count: Int) -> [LengthExample] {
        var position = 0
        func unit() -> Double {
            position += 1
            return CounterRandom.uniform(key: seed, position: position)
        }
        return (0..<count).map { index in
            // Uniform numbers of variance 1; like an encoder's, small.
            let features = (0..<width).map { _ in (unit() - 0.5) * 12.0.squareRoot() }
            let promptTokens = 1 + Int(unit() * 400)
            let chance = (0..<12).reduce(-6) { sum, _ in sum + unit() }
            let logarithm = 4.5 + 0.6 * features[0] + 0.4 * abs(features[1]) - 0.3 * features[2] + noise * chance
            let length = max(1, Int(exp(logarithm)))
            let produced = min(length, limit ?? length)
            return LengthExample(
                digest: CounterRandom.mix(seed &* 1_000_003 &+ UInt64(index)),
                features: features.map { Float($0 / 20) },
                promptTokens: promptTokens, produced: produced, limit: limit, isCut: length > produced)
        }
    }
}

extension TrainingOptions {
    /// Small enough to train in a moment, and for few inputs that all matter.
    static let small: TrainingOptions = {
        var options = TrainingOptions()
        options.hidden = [32, 16]
        options.rate = 2e-3
        options.decay = 0.1
        options.dropout = 0.2
        options.epochs = 30
        return options
    }()
}
