/// Why a checkpoint does not become a plan.
package struct ModelPlanError: Error, Sendable, CustomStringConvertible {
    package struct Code: Sendable, Hashable {
        package let name: String
        package static let unknownFamily = Code(name: "unknown_family")
        package static let unsupportedFeature = Code(name: "unsupported_feature")
        package static let badConfiguration = Code(name: "bad_configuration")
        package static let badTensor = Code(name: "bad_tensor")
    }
    package let code: Code
    /// Names what is wrong, with the limit and the given value.
    package let message: String
    package var description: String { message }

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
