import Platform

/// Why a model cannot be loaded or run.
package typealias DeviceError = CodedError<DeviceErrors>

package enum DeviceErrors: ErrorDomain {}

extension DeviceError.Code {
    package static var unsupportedFeature: Self { Self("unsupported_feature") }
    package static var badConfiguration: Self { Self("bad_configuration") }
    package static var badTensor: Self { Self("bad_tensor") }
    package static var outOfMemory: Self { Self("out_of_memory") }
    package static var threadFailure: Self { Self("thread_failure") }
}
