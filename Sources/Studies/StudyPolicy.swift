import Scheduling
import Simulation

/// A policy to simulate.
package struct StudyPolicy: Sendable {
    /// The name of the policy in tables and plots.
    package let label: String
    /// One of `PolicyCatalogue.names`.
    package let name: String
    package var options: TDPipeOptions
    /// The predictor of answer lengths; nil: the predictor of the settings.
    package let lengths: (any LengthPredictor)?
    /// The most prompt tokens in a micro-batch; nil: as the settings say.
    package let prefillChunk: Int?

    /// Prompt tokens in a micro-batch that are possible.
    package static let prefillChunks = 1...(1 << 20)

    /// - Parameters:
    ///   - label: nil: the name.
    ///   - prefillChunk: one of `prefillChunks`; nil: as the settings say.
    /// - Throws: `unknown_name` with the policies that there are, `invalid_setting` for a chunk that is not possible.
    package init(
        _ name: String, label: String? = nil, options: TDPipeOptions = TDPipeOptions(),
        lengths: (any LengthPredictor)? = nil, prefillChunk: Int? = nil
    ) throws(SimulationError) {
        guard PolicyCatalogue.names.contains(name) else {
            throw SimulationError(
                .unknownName,
                "there is no policy '\(name)'; policies: \(PolicyCatalogue.names.joined(separator: ", "))")
        }
        if let chunk = prefillChunk, !Self.prefillChunks.contains(chunk) {
            throw SimulationError(
                .invalidSetting,
                "\(chunk) tokens in a prefill chunk of \(label ?? name) were asked for; "
                    + "\(Self.prefillChunks.lowerBound)...\(Self.prefillChunks.upperBound) are possible")
        }
        self.name = name
        self.label = label ?? name
        self.options = options
        self.lengths = lengths
        self.prefillChunk = prefillChunk
    }

    /// The most prompt tokens in a micro-batch that a policy's authors chose: 512 for chunked prefill (Sarathi-Serve's
    /// token budget), 2,048 for the others (whole prompts in vLLM; `maxp` in gLLM's token throttling; td-pipe finds its
    /// own unit below the bound).
    package var ownPrefillChunk: Int { ["hybrid", "virtual-hybrid"].contains(name) ? 512 : 2048 }
}
