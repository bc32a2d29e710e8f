/// Why the operating system did not do what was asked of it.
public struct PlatformError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure. More kinds may be added.
    public struct Code: Sendable, Hashable {
        public let name: String
        public static let threadFailure = Code(name: "thread_failure")
        /// A file that cannot be read, or is larger than it may be.
        public static let unreadableFile = Code(name: "unreadable_file")
        /// A file that cannot be made or written.
        public static let unwritableFile = Code(name: "unwritable_file")
    }
    public let code: Code
    /// Names the file, with the limit and the given value or the system's reason.
    public let message: String
    public var description: String { message }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
