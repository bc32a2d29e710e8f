import Scheduling
import Simulation

/// A policy to simulate.
public struct StudyPolicy: Sendable {
    /// How tables and plots call it.
    public let label: String
    /// One of `PolicyCatalogue.names`.
    public let name: String
    public let options: TDPipeOptions
    /// What predicts answer lengths; nil: what the settings say.
    public let lengths: (any LengthPredictor)?

    /// - Parameter label: nil: the name.
    /// - Throws: `unknown_name` with the policies that there are.
    public init(
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
