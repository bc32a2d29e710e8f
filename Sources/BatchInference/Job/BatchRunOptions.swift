import Inference
import Scheduling

/// How a batch is run. Only `ignoresEOS`, `engine.precision` and `engine.kvType` can change the tokens of an answer.
public struct BatchRunOptions: Sendable {
    public var modelPath: String
    public var inputPath: String
    public var outputPath: String
    public var engine = EngineOptions()
    /// Chooses stages and threads before the run begins, in place of those of `engine`; nil: `engine` has them. Not
    /// possible with a named profile, which holds for one shape.
    public var shapeSearch: ShapeSearch?
    public var policy: PolicyChoice
    public var costs = CostSource()
    public var overwrites = false
    public var ignoresEOS = false
    /// Whether to write `token_ids` into each choice.
    public var includesTokenIDs = false
    /// Whether to keep the steps and spans for a timeline or a trace.
    public var recordsTimeline = false
    /// A file for the events of the scheduling core and a digest of its actions; nil: none.
    public var eventLogPath: String?
    /// A trained predictor of answer lengths, and the encoder with which it reads prompts; nil: none.
    public var predictor: PredictorSource?
    /// A file that records the lengths of the answers, for training; nil: none.
    public var historyPath: String?

    public init(modelPath: String, inputPath: String, outputPath: String, policy: PolicyChoice) {
        self.modelPath = modelPath
        self.inputPath = inputPath
        self.outputPath = outputPath
        self.policy = policy
    }

    /// The options that change tokens; part of the digest of each request in the output.
    var tokenOptions: String {
        "ignore_eos=\(ignoresEOS ? 1 : 0);precision=\(engine.precision.rawValue)"
            + (engine.kvType == .f16 ? "" : ";kv=\(engine.kvType.rawValue)")
    }

    /// The predictor of answer lengths if the policy names none. With `ignoresEOS`, answers run to their limit, which
    /// the oracle predicts. Otherwise a trained predictor is asked if there is one, and without one lengths are learned
    /// from the answers of the run.
    public var defaultLengths: String { ignoresEOS ? "oracle" : predictor == nil ? "history" : "learned" }
}
