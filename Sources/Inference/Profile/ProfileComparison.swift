import Platform
import Runtime
import Scheduling

/// How fast the machine was during a run, compared with a profile.
public struct ProfileComparison: Sendable, Hashable {
    /// The digest of the profile: 16 hexadecimal digits, see `MeasuredStepCost.digest`.
    public let digest: String
    /// Seconds that all stages took for the run's micro-batches, divided by the profile's seconds for them: above 1 if
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
    /// Tells the samples of one profile from those of another, stored or measured for the run: 16 hexadecimal digits.
    package var digest: String {
        var sum = Fingerprint()
        for sample in samples {
            for number in [sample.load.tokens, sample.load.context, sample.load.sequences] { sum.add(number) }
            for seconds in sample.stageSeconds { sum.add(Int(truncatingIfNeeded: seconds.bitPattern)) }
        }
        return sum.description
    }
}
