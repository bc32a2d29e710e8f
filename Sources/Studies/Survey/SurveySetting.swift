import Simulation

/// One setting of a survey: a model on a cluster, and the requests that come to it.
package struct SurveySetting: Sendable, Hashable {
    /// A setting beyond cluster, model, workload, requests and seed, as it was written.
    package struct Extra: Sendable, Hashable {
        /// One of `StudyKeys.names`.
        package let key: String
        package let value: String

        package init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    package let settings: StudySettings
    package let workload: StudyWorkload
    /// In the order in which they were written.
    package let extras: [Extra]

    package init(settings: StudySettings, workload: StudyWorkload, extras: [Extra] = []) {
        self.settings = settings
        self.workload = workload
        self.extras = extras
    }
}
