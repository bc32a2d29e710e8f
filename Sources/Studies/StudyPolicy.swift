import Scheduling
import Simulation

/// A policy to simulate.
package struct StudyPolicy: Sendable {
    /// The name of the policy in tables and plots.
    package let label: String
    /// One of `PolicyCatalogue.names`.
    package let name: String
    package let options: TDPipeOptions
    /// The predictor of answer lengths; nil: the predictor of the settings.
    package let lengths: (any LengthPredictor)?

    /// - Parameter label: nil: the name.
    /// - Throws: `unknown_name` with the policies that there are.
    package init(
        _ name: String, label: String? = nil, options: TDPipeOptions = TDPipeOptions(),
        lengths: (any LengthPredictor)? = nil
    ) throws(SimulationError) {
        guard PolicyCatalogue.names.contains(name) else {
            throw SimulationError(
                .unknownName,
                "there is no policy '\(name)'; policies: \(PolicyCatalogue.names.joined(separator: ", "))")
        }
        self.name = name
        self.label = label ?? name
        self.options = options
        self.lengths = lengths
    }
}
