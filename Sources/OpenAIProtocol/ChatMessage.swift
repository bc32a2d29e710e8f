import Platform

/// Who speaks in a message.
public enum ChatRole: String, Sendable, Hashable, CaseIterable {
    case system, developer, user, assistant, tool
}

/// One message of a dialogue.
public struct ChatMessage: Sendable, Hashable {
    /// Who speaks.
    public let role: ChatRole
    /// The text; parts of an array are joined without a separator. Empty where the message has none.
    public let content: String
    /// The speaker's name, which distinguishes speakers of the same role.
    public let name: String?
    /// The call that a `tool` message answers.
    public let toolCallID: String?
    /// The calls that an `assistant` message made: an array of objects, as given.
    public let toolCalls: JSONValue?

    /// Makes a message from its parts.
    public init(
        role: ChatRole, content: String, name: String? = nil, toolCallID: String? = nil, toolCalls: JSONValue? = nil
    ) {
        self.role = role
        self.content = content
        self.name = name
        self.toolCallID = toolCallID
        self.toolCalls = toolCalls
    }
}
