/// Why a chat template was refused, or refused a conversation.
public struct ChatTemplateError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of fault it is. New codes may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String
        private init(_ description: String) { self.description = description }

        /// The template does not parse, or uses what is not supported.
        public static let syntax = Code("template syntax")
        /// The template failed while it was rendered.
        public static let failure = Code("template failure")
        /// The template called `raise_exception`: it refuses this conversation.
        public static let refusal = Code("template refusal")
        /// The template exceeded a limit on steps, nesting or size.
        public static let limit = Code("template limit")
    }

    public let code: Code
    /// What was given and what would have been right.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code): \(message)" }

    /// A failure while the template was rendered.
    static func template(_ message: String) -> ChatTemplateError { ChatTemplateError(.failure, message) }

    static func limit(_ message: String) -> ChatTemplateError { ChatTemplateError(.limit, message) }
}
