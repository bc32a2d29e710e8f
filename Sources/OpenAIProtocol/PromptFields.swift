import Platform
import Scheduling

extension FieldReader {
    /// The request's prompt: `messages` and `tools`, or `prompt`.
    mutating func prompt(for endpoint: Endpoint) throws(ProtocolError) -> Prompt {
        switch endpoint {
        case .chat:
            if contains("prompt") {
                throw error(.unsupported, "prompt", "has no meaning for \(endpoint.rawValue): use messages")
            }
            return .messages(try messages(), tools: try tools())
        case .completion:
            if contains("messages") {
                throw error(.unsupported, "messages", "has no meaning for \(endpoint.rawValue): use prompt")
            }
            return try textPrompt()
        }
    }

    private mutating func textPrompt() throws(ProtocolError) -> Prompt {
        guard let value = take("prompt") else { throw error(.missingField, "prompt", "is missing") }
        let wanted = "a string or an array of token ids"
        if let text = value.string { return .text(try notEmpty(text)) }
        guard let elements = value.elements else { throw typeError("prompt", wanted, value) }
        guard let first = elements.first else { throw valueError("prompt", wanted, value) }
        if first.string != nil || first.elements != nil {
            guard elements.count == 1, let text = first.string else {
                throw error(
                    .unsupported, "prompt",
                    "holds \(elements.count) prompts in one array: give each prompt a line of its own")
            }
            return .text(try notEmpty(text))
        }
        return .tokens(try tokenIDs(elements, named: "prompt"))
    }

    private func notEmpty(_ text: String) throws(ProtocolError) -> String {
        guard !text.isEmpty else { throw error(.invalidValue, "prompt", "must not be \"\", an empty string") }
        return text
    }

    private mutating func messages() throws(ProtocolError) -> [ChatMessage] {
        guard let elements = try array("messages") else { throw error(.missingField, "messages", "is missing") }
        guard !elements.isEmpty else { throw error(.invalidValue, "messages", "must hold at least 1 message, not 0") }
        var messages: [ChatMessage] = []
        for (index, element) in elements.enumerated() {
            let name = "messages[\(index)]"
            var fields = try FieldReader(element, place: name + ".", named: name, param: name)
            messages.append(try fields.message())
        }
        return messages
    }

    private mutating func message() throws(ProtocolError) -> ChatMessage {
        guard let word = try string("role") else { throw error(.missingField, "role", "is missing") }
        guard let role = ChatRole(rawValue: word) else {
            let roles = ChatRole.allCases.map(\.rawValue).joined(separator: ", ")
            throw valueError("role", "one of \(roles)", .string(word))
        }
        let toolCalls = try toolCalls(of: role)
        let content = try content()
        guard content != nil || toolCalls != nil else { throw error(.missingField, "content", "is missing") }
        let message = ChatMessage(
            role: role, content: content ?? "", name: try string("name"), toolCallID: try string("tool_call_id"),
            toolCalls: toolCalls)
        // Answers carry these fields next to their content, and dialogues are often built from answers.
        for key in ["refusal", "annotations", "audio", "function_call"] {
            guard let value = take(key), value != .array([]) else { continue }
            throw error(.unsupported, key, "cannot be honoured, the value is \(describe(value))")
        }
        try refuseRest()
        return message
    }

    private mutating func toolCalls(of role: ChatRole) throws(ProtocolError) -> JSONValue? {
        guard let calls = try array("tool_calls"), !calls.isEmpty else { return nil }
        guard role == .assistant else {
            throw error(.invalidValue, "tool_calls", "belongs to the role assistant, the role is \(role.rawValue)")
        }
        try checkObjects(calls, named: "tool_calls")
        return .array(calls)
    }

    private mutating func content() throws(ProtocolError) -> String? {
        guard let value = take("content") else { return nil }
        if let text = value.string { return text }
        guard let parts = value.elements else { throw typeError("content", "a string or an array of parts", value) }
        guard !parts.isEmpty else { throw valueError("content", "a string or an array of at least 1 part", value) }
        var text = ""
        for (index, part) in parts.enumerated() {
            let name = "\(place)content[\(index)]"
            var fields = try FieldReader(part, place: name + ".", named: name, param: name)
            guard let type = try fields.string("type") else { throw fields.error(.missingField, "type", "is missing") }
            guard type == "text" else {
                throw fields.error(.unsupported, "type", "must be \"text\", the value is \(JSONWriter.quoted(type))")
            }
            guard let piece = try fields.string("text") else {
                throw fields.error(.missingField, "text", "is missing")
            }
            try fields.refuseRest()
            text += piece
        }
        return text
    }

    /// `tools`, or nil where `tool_choice` is "none".
    private mutating func tools() throws(ProtocolError) -> JSONValue? {
        let tools = try array("tools") ?? []
        try checkObjects(tools, named: "tools")
        var isOff = false
        if let choice = take("tool_choice") {
            guard choice == .string("none") || choice == .string("auto") else {
                throw error(
                    .unsupported, "tool_choice", "must be \"none\" or \"auto\", the value is \(describe(choice))")
            }
            isOff = choice == .string("none")
        }
        return tools.isEmpty || isOff ? nil : .array(tools)
    }

    private func checkObjects(_ values: [JSONValue], named key: String) throws(ProtocolError) {
        for (index, value) in values.enumerated() where value.members == nil {
            throw typeError("\(key)[\(index)]", "an object", value)
        }
    }
}
