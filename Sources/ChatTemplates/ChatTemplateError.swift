import Platform

/// Why a chat template was refused, or refused a conversation.
public typealias ChatTemplateError = CodedError<ChatTemplateErrors>

public enum ChatTemplateErrors: ErrorDomain {
    public static func text(of error: ChatTemplateError) -> String { "\(error.code): \(error.message)" }
}

extension ChatTemplateError.Code {
    /// The template does not parse, or uses an unsupported feature.
    public static var syntax: Self { Self("template syntax") }
    /// The template failed while it was rendered.
    public static var failure: Self { Self("template failure") }
    /// The template called `raise_exception`: it refuses this conversation.
    public static var refusal: Self { Self("template refusal") }
    /// The template exceeded a limit on steps, nesting or size.
    public static var limit: Self { Self("template limit") }
}

extension ChatTemplateError {
    /// A failure while the template was rendered.
    static func template(_ message: String) -> ChatTemplateError { ChatTemplateError(.failure, message) }

    static func limit(_ message: String) -> ChatTemplateError { ChatTemplateError(.limit, message) }
}
