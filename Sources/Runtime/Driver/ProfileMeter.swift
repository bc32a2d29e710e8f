import DequeModule
import Scheduling

/// Compares the times of a run's micro-batches with the profile's times for the same micro-batches: how fast the
/// machine was during the run, compared with the time of the profile.
///
/// The times of all stages are added, since stages take work from each other. The comparison is with the profile as it
/// was fitted, without corrections by the run.
package struct ProfileMeter: Sendable {
    /// The fit of each stage.
    private let fits: [StageFit]
    /// The profile's seconds of each micro-batch in flight, all stages together, the oldest first.
    private var inFlight: Deque<Double> = []
    /// Measured seconds of all stages for all micro-batches that retired with their times.
    package private(set) var measuredSeconds = 0.0
    /// The profile's seconds of all stages for the same micro-batches.
    package private(set) var profileSeconds = 0.0

    /// - Parameter profile: only its fits are used, not the times that it observed since.
    package init(_ profile: MeasuredStepCost) { fits = profile.fits }

    /// Counts a dispatched micro-batch. Micro-batches come in the order of their numbers.
    package mutating func dispatched(_ batch: MicroBatch) {
        let load = batch.load
        inFlight.append(fits.reduce(0) { $0 + $1.seconds(load) })
    }

    /// Counts the retirement of the oldest micro-batch in flight.
    /// - Parameter stageSeconds: seconds of each stage; if empty (not measured), the micro-batch does not count.
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

    /// Measured seconds divided by the profile's seconds: above 1 if the machine was slower. nil before a micro-batch
    /// has retired with its times.
    package var ratio: Double? { profileSeconds > 0 ? measuredSeconds / profileSeconds : nil }
}
