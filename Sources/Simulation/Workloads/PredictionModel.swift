import Platform

/// How a simulated predictor predicts answers whose true lengths the workload knows.
public struct PredictionModel: Sendable, Hashable {
    /// The kinds of predictor.
    public enum Kind: Sendable, Hashable {
        /// The true length.
        case oracle
        /// The mean length of the answer's class, of five classes cut at the 25th, 50th, 75th and 99th percentiles of
        /// the workload: TD-Pipe's predictor (arXiv 2506.10470), if it always predicts the right class.
        case classMeans
        /// The same length for every answer.
        case constant(Int)
    }
    public let kind: Kind
    /// Spread of the errors: predictions are multiplied by e to a normal number of this standard deviation; 0: none.
    public let error: Double
    /// Predictions are multiplied by this, above 1 for predictions that are too long in the mean.
    public let bias: Double

    /// - Throws: `invalid_setting` for an error outside 0...4, a bias outside 0.001...1000 or a constant below 1.
    public init(_ kind: Kind, error: Double = 0, bias: Double = 1) throws(SimulationError) {
        guard (0...4).contains(error) else {
            throw SimulationError(.invalidSetting, "predictions with an error of \(error); 0...4 are possible")
        }
        guard (0.001...1000).contains(bias) else {
            throw SimulationError(.invalidSetting, "predictions with a bias of \(bias); 0.001...1000 are possible")
        }
        if case .constant(let tokens) = kind, !RequestLengths.possible.contains(tokens) {
            throw SimulationError(
                .invalidSetting, "answers of \(tokens) tokens are predicted; 1...\(1 << 30) are possible")
        }
        self.kind = kind
        self.error = error
        self.bias = bias
    }

    /// Predicts each answer of a workload, at least 1 token.
    package func predictions(for outputs: [Int], _ source: inout SeededRandom) -> [Int] {
        let classes = kind == .classMeans ? LengthClasses(outputs) : nil
        return outputs.map { length in
            var predicted: Double
            switch kind {
            case .oracle: predicted = Double(length)
            case .classMeans: predicted = classes?.mean(of: length) ?? Double(length)
            case .constant(let tokens): predicted = Double(tokens)
            }
            predicted *= bias
            if error > 0 { predicted *= Math.exponential(error * source.normal()) }
            return Int(min(max(predicted.rounded(), 1), 0x1p30))
        }
    }
}

/// Five classes of answer lengths, cut at the 25th, 50th, 75th and 99th percentiles; the class below includes the cut.
public struct LengthClasses: Sendable, Hashable {
    /// The longest answer of each class except the last.
    public let cuts: [Int]
    /// The mean length of each class; an empty class has the length at the cut below it.
    public let means: [Double]

    /// nil without lengths.
    public init?(_ lengths: [Int]) {
        guard !lengths.isEmpty else { return nil }
        let sorted = lengths.sorted()
        let cuts = [25, 50, 75, 99].map { sorted[max(0, (sorted.count * $0 + 99) / 100 - 1)] }
        self.cuts = cuts
        var sums = [Double](repeating: 0, count: 5)
        var counts = [Double](repeating: 0, count: 5)
        for length in sorted {
            let place = Self.place(of: length, cuts)
            sums[place] += Double(length)
            counts[place] += 1
        }
        means = sums.indices.map { counts[$0] > 0 ? sums[$0] / counts[$0] : Double(cuts[max(0, $0 - 1)]) }
    }

    /// The mean of the class that a length is in.
    public func mean(of length: Int) -> Double { means[Self.place(of: length, cuts)] }

    private static func place(of length: Int, _ cuts: [Int]) -> Int {
        cuts.firstIndex { length <= $0 } ?? cuts.count
    }
}
