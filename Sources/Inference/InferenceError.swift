import Platform

/// Why a model cannot be run as asked, or a request was not answered.
public typealias InferenceError = CodedError<InferenceErrors>

public enum InferenceErrors: ErrorDomain {}

extension InferenceError.Code {
    public static var unknownPolicy: Self { Self("unknown_policy") }
    /// An option of a policy, or a length predictor, that does not exist or is not available here.
    public static var badOption: Self { Self("bad_option") }
    /// A file of step costs that is damaged, or belongs to another model or another pipeline.
    public static var badProfile: Self { Self("bad_profile") }
    /// The model file is sound, but Tideway cannot run its model.
    public static var unsupportedModel: Self { Self("unsupported_model") }
    /// The caller cancelled the request, or the engine was shut down while the request ran.
    public static var cancelled: Self { Self("cancelled") }
    /// The engine failed, and all requests with it.
    public static var engineFailed: Self { Self("engine_failed") }
    /// The engine takes no more requests.
    public static var ended: Self { Self("ended") }
}

extension InferenceError {
    static var ended: InferenceError { InferenceError(.ended, "the engine has ended and takes no more requests") }
}
