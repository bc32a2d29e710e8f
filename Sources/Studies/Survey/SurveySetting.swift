import Simulation

/// One setting of a survey: a model on a cluster, and the requests that come to it.
package struct SurveySetting: Sendable, Hashable {
    /// A setting beyond cluster, model, workload, requests and seed, as it was written.
    package struct Extra: Sendable, Hashable {
        /// One of `StudyKeys.names`.
        package let key: String
        package let value: String
    }

    package let settings: StudySettings
    package let workload: StudyWorkload
    /// In the order in which they were written.
    package let extras: [Extra]

    /// The setting with a value for a key, unless its line gives one.
    /// - Throws: the error of `StudySettings.set`.
    package func with(
        default value: String, for key: String, from catalogue: Catalogue = .standard
    ) throws(SimulationError) -> SurveySetting {
        guard !extras.contains(where: { $0.key == key }) else { return self }
        var changed = settings
        try changed.set(key, to: value, from: catalogue)
        return SurveySetting(settings: changed, workload: workload, extras: extras)
    }
}
