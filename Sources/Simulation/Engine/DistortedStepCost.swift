import Platform
import Scheduling

/// The step cost of a profile that is off: the simulated machine's own times, multiplied by a factor of each stage that
/// depends on the tokens of the micro-batch.
///
/// The factors are log-normal and independent of each other, one for each stage and each power of two of tokens, with
/// linear interpolation in between. The times that the run observes correct the profile as they correct a measured one
/// (`MeasuredStepCost`). As with a measured profile, the policy is not told how far off it is.
public struct DistortedStepCost: StepCost {
    private let known: KnownStepCost
    /// By stage, at 1, 2, 4, ... tokens.
    private let factors: [[Double]]
    /// Fitted to steps of one second each, so that its times are the factors that were learned from observations.
    private var corrections: MeasuredStepCost

    /// The spreads that are possible.
    public static let errors = 0.0...4.0
    private static let knots = 32

    /// - Parameters:
    ///   - error: the standard deviation of the logarithm of the factors; 0 for a profile without error, which still
    ///     follows what is observed.
    ///   - seed: equal seeds give equal factors.
    /// - Throws: `invalid_setting` for an error outside 0...4.
    public init(_ timing: any StageTiming, error: Double, seed: UInt64) throws(SimulationError) {
        guard Self.errors.contains(error) else {
            throw SimulationError(.invalidSetting, "a profile with an error of \(error); 0...4 are possible")
        }
        known = KnownStepCost(timing)
        // The workload draws from the plain seed.
        var source = SeededRandom(seed: SeededRandom.mixed(seed))
        factors = (0..<timing.stages).map { _ in
            (0..<Self.knots).map { _ in Math.exponential(error * source.normal()) }
        }
        let second = [Double](repeating: 1, count: timing.stages)
        do {
            corrections = try MeasuredStepCost(
                [1, 2].map { StepSample(load: .prefill(tokens: $0, isLast: false), stageSeconds: second) })
        } catch {
            throw SimulationError(.invalidSetting, error.message, cause: error)
        }
    }

    public var stages: Int { known.stages }

    public func seconds(_ load: StepLoad, on stage: Int) -> Double {
        profiled(load, on: stage) * corrections.seconds(Self.unit(load), on: stage)
    }

    public func uncertainty(_ load: StepLoad, on stage: Int) -> Double {
        corrections.uncertainty(Self.unit(load), on: stage)
    }

    public mutating func observe(_ load: StepLoad, on stage: Int, seconds: Double) {
        corrections.observe(Self.unit(load), on: stage, seconds: seconds / profiled(load, on: stage))
    }

    /// What the profile says before anything is observed.
    private func profiled(_ load: StepLoad, on stage: Int) -> Double {
        known.seconds(load, on: stage) * factor(load.tokens, on: stage)
    }

    /// The load of a step of one second.
    private static func unit(_ load: StepLoad) -> StepLoad { StepLoad(tokens: load.tokens, context: 0, sequences: 0) }

    private func factor(_ tokens: Int, on stage: Int) -> Double {
        guard tokens > 1 else { return factors[stage][0] }
        let knot = Int.bitWidth - 1 - tokens.leadingZeroBitCount
        guard knot < Self.knots - 1 else { return factors[stage][Self.knots - 1] }
        let weight = Double(tokens - (1 << knot)) / Double(1 << knot)
        return factors[stage][knot] + weight * (factors[stage][knot + 1] - factors[stage][knot])
    }
}
