import Scheduling
import Transformer

/// How a batch is run. None but `ignoresEOS` and `precision` changes a token.
public struct BatchRunOptions: Sendable {
    public var modelPath: String
    public var inputPath: String
    public var outputPath: String
    public var stages = 1
    /// Per stage.
    public var threads = 1
    public var policy = PolicyCatalogue.defaultName
    /// Bytes for keys and values over all stages.
    public var kvMemory = 1 << 30
    public var prefillChunk = 512
    public var maxSequences = 256
    public var overwrites = false
    public var ignoresEOS = false
    public var precision = Precision.int8
    /// Write `token_ids` into each choice.
    public var includesTokenIDs = false
    /// Keep what a timeline or a trace needs.
    public var recordsTimeline = false

    public init(modelPath: String, inputPath: String, outputPath: String) {
        self.modelPath = modelPath
        self.inputPath = inputPath
        self.outputPath = outputPath
    }

    /// The options that change tokens: part of what names a request in the output.
    var tokenOptions: String { "ignore_eos=\(ignoresEOS ? 1 : 0);precision=\(precision.rawValue)" }
}
