import Platform

extension SeededRandom {
    /// A number of the standard normal distribution (by the Box-Muller transform, of whose two results one is used).
    public mutating func normal() -> Double {
        let radius = (-2 * Math.logarithm(1 - unit())).squareRoot()
        return radius * Math.cosine(2 * Double.pi * unit())
    }

    /// A number of the exponential distribution with mean 1.
    public mutating func exponential() -> Double { -Math.logarithm(1 - unit()) }

    /// A number of the gamma distribution with this shape, above 0, and scale 1 (by the method of Marsaglia and Tsang;
    /// a shape below 1 by way of `shape + 1`).
    public mutating func gamma(shape: Double) -> Double {
        precondition(shape > 0, "a gamma distribution of shape \(shape); above 0 is possible")
        if shape < 1 { return gamma(shape: shape + 1) * Math.power(1 - unit(), 1 / shape) }
        let offset = shape - 1.0 / 3
        let factor = 1 / (9 * offset).squareRoot()
        while true {
            let step = normal()
            let base = 1 + factor * step
            guard base > 0 else { continue }
            let value = base * base * base
            let bound = step * step / 2 + offset * (1 - value + Math.logarithm(value))
            if Math.logarithm(1 - unit()) < bound { return offset * value }
        }
    }
}
