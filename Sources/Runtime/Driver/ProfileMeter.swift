import DequeModule
import Scheduling

/// Compares the times of a run's micro-batches with what a profile says of the same micro-batches: how fast the machine
/// was while the run went on, beside the time of the profile.
///
/// All stages count together, since they take work from each other. What the run observed corrects nothing here: the
/// comparison is with the profile as it was fitted.
package struct ProfileMeter: Sendable {
    /// By stage.
    private let fits: [StageFit]
    /// The profile's seconds of each micro-batch in flight, all stages together, the oldest first.
    private var inFlight: Deque<Double> = []
    /// Of all micro-batches that retired with their times, and of all stages: seconds that they took, and seconds that
    /// the profile says.
    package private(set) var measuredSeconds = 0.0
    package private(set) var profileSeconds = 0.0

    /// - Parameter profile: as it was fitted; what it observed since is left out.
    package init(_ profile: MeasuredStepCost) { fits = profile.fits }

    /// Takes a micro-batch in. They come in the order of their numbers.
    package mutating func dispatched(_ batch: MicroBatch) {
        let load = batch.load
        inFlight.append(fits.reduce(0) { $0 + $1.seconds(load) })
    }

    /// Counts the oldest micro-batch in flight.
    /// - Parameter stageSeconds: what each stage took for it; empty if nobody measured, and then it does not count.
    package mutating func retired(_ stageSeconds: [Double]) {
        precondition(!inFlight.isEmpty, "a micro-batch retired that was not dispatched")
        let expected = inFlight.removeFirst()
        guard !stageSeconds.isEmpty else { return }
        precondition(
            stageSeconds.count == fits.count,
            "a micro-batch retired with the times of \(stageSeconds.count) stages; the profile has \(fits.count)")
        measuredSeconds += stageSeconds.reduce(0, +)
        profileSeconds += expected
    }

    /// Measured seconds over those of the profile: above 1 where the machine was slower. nil before a micro-batch has
    /// retired with its times.
    package var ratio: Double? { profileSeconds > 0 ? measuredSeconds / profileSeconds : nil }
}
