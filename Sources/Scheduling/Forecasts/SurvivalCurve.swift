/// How long answers live: the Kaplan-Meier estimate (Kaplan and Meier, JASA 1958) from the lengths of answers that have
/// ended and the ages of answers that still run.
///
/// An answer that runs is a censored observation: its length is unknown, but more than its age. Without these answers
/// the estimate would be too short whenever many run, since the first answers to end are the short ones.
struct SurvivalCurve: Sendable {
    /// The lengths of the answers that have ended, ascending.
    private let lengths: [Int]
    /// `survival[i]` is the chance that an answer is longer than `lengths[i - 1]`; `survival[0]` is 1.
    private var survival = [1.0]
    /// `area[i]` is the integral of the survival from `lengths[i]` on, with the tail.
    private var area: [Double] = []
    /// The ages of the running answers, ascending.
    private let running: [Int]
    /// `runningSums[i]` is the sum of `running[i...]`.
    private let runningSums: [Int]

    /// Tokens that an answer is expected to go on for if nothing is known of answers as long.
    private var more: Double
    /// Prior answers for which `more` counts in each estimate.
    private static let priorAnswers = 4.0

    /// - Parameters:
    ///   - lengths: of answers that have ended, ascending.
    ///   - running: tokens that running answers have so far, in any order.
    ///   - usual: what an answer is expected to go on for where nothing is known at all.
    init(lengths: [Int], running: [Int], usual: Double = priorAnswerTokens) {
        more = usual
        self.lengths = lengths
        self.running = running.sorted()
        var sums = [Int](repeating: 0, count: running.count + 1)
        for index in running.indices.reversed() { sums[index] = sums[index + 1] + self.running[index] }
        runningSums = sums
        survival.reserveCapacity(lengths.count + 1)
        var dead = 0
        var older = 0
        for length in lengths {
            while older < running.count, self.running[older] < length { older += 1 }
            let atRisk = Double(lengths.count - dead + running.count - older)
            survival.append(survival[dead] * (1 - 1 / atRisk))
            dead += 1
        }
        integrate()
        more = residual(beyond: 0)
        integrate()
    }

    private mutating func integrate() {
        guard let longest = lengths.last else { return }
        area = [Double](repeating: 0, count: lengths.count)
        area[lengths.count - 1] = survival[lengths.count] * tail(beyond: longest)
        for index in lengths.indices.dropLast().reversed() {
            area[index] = area[index + 1] + Double(lengths[index + 1] - lengths[index]) * survival[index + 1]
        }
    }

    /// Tokens that an answer is expected to have beyond `length`, which is no less than all lengths that are known: the
    /// mean that running answers have beyond it, and what they are expected to go on for.
    private func tail(beyond length: Int) -> Double {
        let older = running.sortedIndex { $0 > length }
        let count = running.count - older
        return count == 0 ? more : Double(runningSums[older] - count * length) / Double(count) + more
    }

    /// Tokens that an answer of more than `generated` tokens is expected to have beyond these, in the mean.
    func residual(beyond generated: Int) -> Double {
        let longer = lengths.sortedIndex { $0 > generated }
        let older = running.count - running.sortedIndex { $0 > generated }
        let count = Double(lengths.count - longer + older)
        let known =
            longer < lengths.count
            ? Double(lengths[longer] - generated) + area[longer] / survival[longer] : tail(beyond: generated)
        return (count * known + Self.priorAnswers * more) / (count + Self.priorAnswers)
    }

    /// Tokens that an answer of more than `generated` tokens may have beyond these: the middles of eight equally likely
    /// parts, scaled so that their mean is `residual` and its standard error: where few answers are known, a plan should
    /// not rely on the mean of these few.
    func likelyResiduals(beyond generated: Int) -> SIMD8<Double> {
        let first = lengths.sortedIndex { $0 > generated }
        var index = first
        let start = survival[first]
        let longest = max(lengths.last ?? 0, generated)
        let beyond = tail(beyond: longest)
        var residuals = SIMD8<Double>()
        for part in 0..<8 {
            let chance = start * (1 - (Double(part) + 0.5) / 8)
            while index < lengths.count, survival[index + 1] > chance { index += 1 }
            if index < lengths.count {
                residuals[part] = Double(lengths[index] - generated)
            } else {
                // Beyond all lengths that are known, an answer may end at any token with the same chance.
                residuals[part] =
                    Double(longest - generated) + beyond * Self.logarithm(survival[lengths.count] / chance)
            }
        }
        let mean = residual(beyond: generated)
        let scale = residuals.sum() / 8
        guard scale > 0 else { return SIMD8(repeating: mean) }
        let deviations = residuals / scale - 1
        let spread = (deviations * deviations).sum() / 8
        let error = (spread / (Double(lengths.count - first) + Self.priorAnswers)).squareRoot()
        return residuals * (mean / scale * (1 + error))
    }

    /// Tokens that an answer of more than `generated` tokens may have beyond these. With `share` spread evenly over
    /// 0 ..< 1 they follow the curve, mixed with the prior answers.
    func possibleResidual(beyond generated: Int, share: Double) -> Double {
        let first = lengths.sortedIndex { $0 > generated }
        let known = Double(lengths.count - first)
        let prior = Self.priorAnswers / (known + Self.priorAnswers)
        if share < prior { return more * Self.heavyTail(1 - share / prior) }
        let chance = survival[first] * max(1 - (share - prior) / (1 - prior), 1e-6)
        let index = lengths.indices[first...].sortedIndex { survival[$0 + 1] <= chance }
        if index < lengths.count { return Double(lengths[index] - generated) }
        let longest = max(lengths.last ?? 0, generated)
        return Double(longest - generated)
            + tail(beyond: longest) * Self.heavyTail(chance / survival[lengths.count])
    }

    /// The length, as a multiple of the mean, that is exceeded with this chance where nothing else is known: Lomax's
    /// distribution of shape 2, since the longest answers of most jobs are many times longer than the mean.
    private static func heavyTail(_ chance: Double) -> Double { 1 / max(chance, 1e-6).squareRoot() - 1 }

    /// The length that `share` of the answers of more than `generated` tokens do not exceed; nil with fewer than four
    /// ended answers that are longer, or if that length is beyond all of them.
    func percentile(_ share: Double, beyond generated: Int) -> Int? {
        let longer = lengths.sortedIndex { $0 > generated }
        guard Double(lengths.count - longer) >= Self.priorAnswers else { return nil }
        let wanted = survival[longer] * (1 - share) - 1e-12
        return (longer..<lengths.count).first { survival[$0 + 1] < wanted }.map { lengths[$0] }
    }

    /// The natural logarithm of a number of at least 1, to six digits. The standard library has none, and a system's own
    /// differs from system to system in the last bits, which may decide a schedule.
    private static func logarithm(_ x: Double) -> Double {
        // ln(2^e m) = e ln 2 + 2 artanh((m - 1) / (m + 1)), and the series of artanh ends soon for m below 2.
        let ratio = (x.significand - 1) / (x.significand + 1)
        let square = ratio * ratio
        let series = 1 + square * (1 / 3.0 + square * (1 / 5.0 + square * (1 / 7.0 + square / 9)))
        return Double(x.exponent) * 0.693147180559945 + 2 * ratio * series
    }
}
