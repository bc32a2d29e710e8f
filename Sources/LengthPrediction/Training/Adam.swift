/// Adam (arXiv 1412.6980, algorithm 1) with decoupled weight decay (AdamW, arXiv 1711.05101, algorithm 2): steps whose
/// size follows the mean and the mean square of each parameter's gradient.
package struct Adam: Sendable {
    /// The learning rate.
    package var rate: Float
    /// The weight decay: each step takes away `rate * decay` of every parameter.
    package let decay: Float

    private var means: [Float]
    private var squares: [Float]
    /// The power of `meanFactor`, and in `squarePower` that of `squareFactor`, for the bias correction of early means.
    private var meanPower: Float = 1
    private var squarePower: Float = 1

    private static let meanFactor: Float = 0.9
    private static let squareFactor: Float = 0.999
    private static let smallest: Float = 1e-8

    /// For `count` parameters.
    package init(count: Int, rate: Float = 1e-3, decay: Float = 0) {
        self.rate = rate
        self.decay = decay
        means = [Float](repeating: 0, count: count)
        squares = means
    }

    /// Moves the parameters one step down the gradient. Both must have `count` numbers.
    package mutating func step(_ parameters: inout [Float], gradient: [Float]) {
        precondition(
            parameters.count == means.count && gradient.count == means.count,
            "\(parameters.count) parameters with \(gradient.count) slopes; \(means.count) are expected")
        meanPower *= Self.meanFactor
        squarePower *= Self.squareFactor
        let step = rate / (1 - meanPower)
        let scale = 1 / (1 - squarePower)
        let kept = 1 - rate * decay
        parameters.withUnsafeMutableBufferPointer { parameters in
            means.withUnsafeMutableBufferPointer { means in
                squares.withUnsafeMutableBufferPointer { squares in
                    gradient.withUnsafeBufferPointer { gradient in
                        for index in gradient.indices {
                            let slope = gradient[index]
                            means[index] += (slope - means[index]) * (1 - Self.meanFactor)
                            squares[index] += (slope * slope - squares[index]) * (1 - Self.squareFactor)
                            let size = (squares[index] * scale).squareRoot() + Self.smallest
                            parameters[index] = parameters[index] * kept - step * means[index] / size
                        }
                    }
                }
            }
        }
    }
}
