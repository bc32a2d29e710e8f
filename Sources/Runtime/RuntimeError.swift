import Scheduling

/// Why a run cannot begin or go on.
public struct RuntimeError: Error, Sendable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        public let name: String
        public static let badStageCount = Code(name: "bad_stage_count")
        public static let kvPoolTooSmall = Code(name: "kv_pool_too_small")
        public static let stageFailed = Code(name: "stage_failed")
        public static let stalled = Code(name: "stalled")
    }
    public let code: Code
    /// Names the limit and the given value.
    public let message: String
    public var description: String { message }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
