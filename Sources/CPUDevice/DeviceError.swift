/// Why a model cannot be loaded or run.
public struct DeviceError: Error, Sendable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        public let name: String
        public static let unsupportedFeature = Code(name: "unsupported_feature")
        public static let badConfiguration = Code(name: "bad_configuration")
        public static let badTensor = Code(name: "bad_tensor")
        public static let outOfMemory = Code(name: "out_of_memory")
        public static let threadFailure = Code(name: "thread_failure")
    }
    public let code: Code
    /// Names what is wrong, with the limit and the given value.
    public let message: String
    public var description: String { message }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
