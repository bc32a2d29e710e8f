import Platform

/// Why a checkpoint does not become a plan.
package typealias ModelPlanError = CodedError<ModelPlanErrors>

package enum ModelPlanErrors: ErrorDomain {}

extension ModelPlanError.Code {
    package static var unknownFamily: Self { Self("unknown_family") }
    package static var unsupportedFeature: Self { Self("unsupported_feature") }
    package static var badConfiguration: Self { Self("bad_configuration") }
    package static var badTensor: Self { Self("bad_tensor") }
}
