import CKernels
import Platform
import Scheduling

/// Log-probabilities of the model itself: of its logits before temperature, penalties and bias.
struct LogprobReport {
    private let logits: [Float]
    private let logSum: Double
    private let top: [TokenLogprob]

    init(_ sampler: Sampler, _ source: UnsafeMutablePointer<Float>, top count: Int) {
        let logits = Array(UnsafeBufferPointer(start: source, count: sampler.vocabulary))
        var highest: Float = 0
        _ = sampler.kernels.argmax(source, Int64(sampler.vocabulary), &highest)
        var weights = [Float](repeating: 0, count: logits.count)
        let sum = sampler.kernels.exp_sum(logits, Int64(logits.count), highest, 1, &weights)
        let logSum = Double(highest) + Math.logarithm(sum)
        self.logits = logits
        self.logSum = logSum
        top = Self.most(likely: count, logits).map {
            TokenLogprob(token: TokenID($0), logprob: Float(Double(logits[$0]) - logSum))
        }
    }

    /// Indices of the `count` highest values, highest first, lower index first among equals.
    private static func most(likely count: Int, _ values: [Float]) -> [Int] {
        var best: [Int] = []
        for index in values.indices where !values[index].isNaN {
            if best.count == count {
                guard let last = best.last, values[index] > values[last] else { continue }
                best.removeLast()
            }
            let place = best.firstIndex { values[index] > values[$0] } ?? best.count
            best.insert(index, at: place)
        }
        return best
    }

    func describe(_ token: TokenID) -> SampledToken {
        SampledToken(token, logprob: Float(Double(logits[Int(token)]) - logSum), top: top)
    }
}
