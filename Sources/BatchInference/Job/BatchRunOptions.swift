import Inference
import Scheduling

/// How a batch is run. None but `ignoresEOS`, `engine.precision` and `engine.kvType` changes a token.
public struct BatchRunOptions: Sendable {
    public var modelPath: String
    public var inputPath: String
    public var outputPath: String
    public var engine = EngineOptions()
    public var policy: PolicyChoice
    public var costs = CostSource()
    public var overwrites = false
    public var ignoresEOS = false
    /// Write `token_ids` into each choice.
    public var includesTokenIDs = false
    /// Keep what a timeline or a trace needs.
    public var recordsTimeline = false
    /// A file for all that the scheduling core is told and what it makes of that; nil: none.
    public var eventLogPath: String?
    /// A trained predictor of answer lengths, and the encoder that it reads prompts with; nil: none.
    public var predictor: PredictorSource?
    /// A file that takes down what answers came to, for training; nil: none.
    public var historyPath: String?

    public init(modelPath: String, inputPath: String, outputPath: String, policy: PolicyChoice) {
        self.modelPath = modelPath
        self.inputPath = inputPath
        self.outputPath = outputPath
        self.policy = policy
    }

    /// The options that change tokens: part of what names a request in the output.
    var tokenOptions: String {
        "ignore_eos=\(ignoresEOS ? 1 : 0);precision=\(engine.precision.rawValue)"
            + (engine.kvType == .f16 ? "" : ";kv=\(engine.kvType.rawValue)")
    }

    /// The predictor of answer lengths where the policy names none: past the end-of-sequence tokens answers run to
    /// their limit; else a trained one is asked, if there is one, and without one lengths are learnt as they come.
    public var defaultLengths: String { ignoresEOS ? "oracle" : predictor == nil ? "history" : "learned" }
}
