import ModelFiles

/// Rotary position embedding (RoFormer, arXiv 2104.09864): which dimensions of a head are rotated, and with which
/// frequencies.
package struct RotarySpec: Sendable, Hashable {
    package var pairing: RotaryPairing
    /// Base of the geometric series of frequencies.
    package var base: Float
    /// Rotated dimensions of each head, from the first one on; even, at most the head's width.
    package var dimensions: Int
    /// Linear scaling: positions are divided by this.
    package var linearFactor: Float = 1
    /// Llama 3 scaling: each pair's frequency is divided by its factor. One factor per pair; empty for no scaling.
    package var frequencyFactors: [Float] = []
    package var yarn: YaRNScaling?
    package var longRope: LongRopeScaling?
    /// Multiplies all cosines and sines.
    package var magnitude: Float = 1

    package init(pairing: RotaryPairing, base: Float, dimensions: Int) {
        self.pairing = pairing
        self.base = base
        self.dimensions = dimensions
    }
}

/// YaRN (arXiv 2309.00071, section 3.2): low frequencies are divided by the factor, high frequencies stay, with a ramp
/// between.
package struct YaRNScaling: Sendable, Hashable {
    package var factor: Float
    /// Tokens of the context that the model was first trained on.
    package var originalContext: Int
    /// Turns over the original context from which on a frequency stays unchanged.
    package var betaFast: Float
    /// Turns over the original context up to which a frequency is divided by the whole factor.
    package var betaSlow: Float

    package init(factor: Float, originalContext: Int, betaFast: Float = 32, betaSlow: Float = 1) {
        self.factor = factor
        self.originalContext = originalContext
        self.betaFast = betaFast
        self.betaSlow = betaSlow
    }
}

/// LongRoPE (arXiv 2402.13753): other divisors of the frequencies beyond the original context.
package struct LongRopeScaling: Sendable, Hashable {
    /// One divisor per pair, for contexts up to the original context.
    package var shortFactors: [Float]
    /// One divisor per pair, for longer contexts.
    package var longFactors: [Float]
    /// Tokens of the context that the model was first trained on.
    package var originalContext: Int

    package init(shortFactors: [Float], longFactors: [Float], originalContext: Int) {
        self.shortFactors = shortFactors
        self.longFactors = longFactors
        self.originalContext = originalContext
    }
}

extension RotarySpec {
    /// The rotation that a checkpoint's hyperparameters and `rotaryFactors` ask for.
    init(_ checkpoint: any Checkpoint, headDim: Int) throws {
        self.init(
            pairing: checkpoint.rotaryPairing, base: try checkpoint.float(.rotaryBase) ?? 10_000,
            dimensions: try checkpoint.integer(.rotaryWidth) ?? headDim)
        guard base > 0, base.isFinite else {
            throw ModelPlanError(
                .badConfiguration, "'\(checkpoint.key(of: .rotaryBase))' is \(base); it must be positive")
        }
        guard dimensions > 0, dimensions <= headDim, dimensions % 2 == 0 else {
            throw ModelPlanError(
                .badConfiguration,
                "'\(checkpoint.key(of: .rotaryWidth))' is \(dimensions); it must be even and in 2...\(headDim)")
        }
        linearFactor = try Self.linearFactor(checkpoint)
        frequencyFactors = try Self.factors(checkpoint, pairs: dimensions / 2)
    }

    private static func linearFactor(_ checkpoint: any Checkpoint) throws -> Float {
        let legacy = try checkpoint.float(.rotaryLinearFactor)
        switch try checkpoint.string(.rotaryScaling) {
        // The file stores llama3 scaling as frequency factors; the type is written as none or llama3.
        case "none", "llama3": return try positive(legacy ?? 1, checkpoint.key(of: .rotaryLinearFactor))
        // A factor without a type means linear scaling, as in other readers of the format.
        case nil, "linear":
            let factor = try checkpoint.float(.rotaryFactor) ?? legacy ?? 1
            return try positive(factor, checkpoint.key(of: .rotaryFactor))
        case .some(let other):
            throw ModelPlanError(
                .unsupportedFeature, "rope scaling '\(other)' is not supported; supported: none, linear, llama3")
        }
    }

    private static func factors(_ checkpoint: any Checkpoint, pairs: Int) throws -> [Float] {
        guard let tensor = checkpoint.tensor(ifPresent: TensorRole(.rotaryFactors)) else { return [] }
        guard tensor.info.elementCount == pairs else {
            throw ModelPlanError(
                .badTensor,
                "'\(tensor.info.name)' has \(tensor.info.elementCount) factors; \(pairs) pairs are rotated")
        }
        return try Dequantize.floats(tensor).map { try positive($0, tensor.info.name) }
    }

    private static func positive(_ value: Float, _ key: String) throws(ModelPlanError) -> Float {
        guard value > 0, value.isFinite else {
            throw ModelPlanError(.badConfiguration, "'\(key)' is \(value); it must be positive")
        }
        return value
    }
}
