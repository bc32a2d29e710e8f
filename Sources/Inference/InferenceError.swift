import Platform

/// Why a model cannot be run as asked.
public typealias InferenceError = CodedError<InferenceErrors>

public enum InferenceErrors: ErrorDomain {}

extension InferenceError.Code {
    public static var unknownPolicy: Self { Self("unknown_policy") }
    /// An option of a policy, or a length predictor, that does not exist or cannot be had here.
    public static var badOption: Self { Self("bad_option") }
    /// A file of step costs that is damaged, or belongs to another model or another pipeline.
    public static var badProfile: Self { Self("bad_profile") }
    /// The model file is sound, but Tideway cannot run what it holds.
    public static var unsupportedModel: Self { Self("unsupported_model") }
}
