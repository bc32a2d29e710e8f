import Platform
import Runtime
import Scheduling

/// How fast the machine was during a run, beside a profile.
public struct ProfileComparison: Sendable, Hashable {
    /// Names the profile: 16 hexadecimal digits, see `MeasuredStepCost.digest`.
    public let digest: String
    /// Seconds that all stages took for the run's micro-batches, over those that the profile says of them: above 1 where
    /// the machine was slower than when it was profiled.
    public let ratio: Double

    package init(digest: String, ratio: Double) {
        self.digest = digest
        self.ratio = ratio
    }

    /// nil if there was no profile, or nothing ran.
    package init?(_ profile: MeasuredStepCost?, _ report: DriverReport) {
        guard let profile, let ratio = report.profileRatio else { return nil }
        self.init(digest: profile.digest, ratio: ratio)
    }
}

extension MeasuredStepCost {
    /// Tells one profile's samples from another's, a stored one from one that was measured on the way too: 16 hexadecimal
    /// digits.
    package var digest: String {
        var sum = Fingerprint()
        for sample in samples {
            for number in [sample.load.tokens, sample.load.context, sample.load.sequences] { sum.add(number) }
            for seconds in sample.stageSeconds { sum.add(Int(truncatingIfNeeded: seconds.bitPattern)) }
        }
        return sum.description
    }
}
