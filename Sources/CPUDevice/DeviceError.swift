import Platform

/// Why a model cannot be loaded or run.
public typealias DeviceError = CodedError<DeviceErrors>

public enum DeviceErrors: ErrorDomain {}

extension DeviceError.Code {
    public static var unsupportedFeature: Self { Self("unsupported_feature") }
    public static var badConfiguration: Self { Self("bad_configuration") }
    public static var badTensor: Self { Self("bad_tensor") }
    public static var outOfMemory: Self { Self("out_of_memory") }
    public static var threadFailure: Self { Self("thread_failure") }
}
