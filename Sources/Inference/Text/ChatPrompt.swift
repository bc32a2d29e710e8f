import ChatTemplates
import OpenAIProtocol
import Platform
import Tokenization

/// Renders a dialogue with a chat template and encodes it. The text of messages stays user text: it never becomes a
/// special token.
public struct ChatPrompt {
    package let model: TextModel

    public init(model: TextModel) { self.model = model }

    /// The tokens of the prompt that the model's own template makes.
    package func tokens(_ messages: [ChatMessage], tools: JSONValue?) throws -> [Int32] {
        guard let template = try model.chatTemplate?.get() else {
            throw ProtocolError(
                .unsupported, "the model file has no chat template; use /v1/completions with a prompt",
                param: "messages")
        }
        return try model.tokenizer.encode(segments: segments(messages, tools: tools, template: template))
    }

    /// The prompt's text, in segments of the template's text and of the messages' text.
    /// - Throws: `ChatTemplateError` if the template refuses the dialogue.
    public func segments(
        _ messages: [ChatMessage], tools: JSONValue?, template: ChatTemplate, addsGenerationPrompt: Bool = true
    ) throws(ChatTemplateError) -> [TextSegment] {
        var extra = TemplateObject()
        if let tools { extra.append(TemplateString(template: "tools"), userValue(tools)) }
        // Without today's date: an answer must not depend on the day of the request.
        return try template.render(
            messages: messages.map(value), addGenerationPrompt: addsGenerationPrompt,
            bosToken: text(of: model.tokenizer.bos), eosToken: text(of: model.tokenizer.eos), extra: extra)
    }

    private func text(of token: Int32?) -> String {
        token.map { String(decoding: model.tokenizer.bytes(of: $0), as: UTF8.self) } ?? ""
    }

    private func value(_ message: ChatMessage) -> TemplateValue {
        var object = TemplateObject([("role", .template(message.role.rawValue)), ("content", .user(message.content))])
        if let name = message.name { object.append(TemplateString(template: "name"), .user(name)) }
        if let id = message.toolCallID { object.append(TemplateString(template: "tool_call_id"), .user(id)) }
        if let calls = message.toolCalls { object.append(TemplateString(template: "tool_calls"), userValue(calls)) }
        return .object(object)
    }

    private func userValue(_ value: JSONValue) -> TemplateValue {
        switch value {
        case .null: .null
        case .bool(let bool): .bool(bool)
        case .int(let int): Int(exactly: int).map { .integer($0) } ?? .number(Double(int))
        case .double(let double): .number(double)
        case .string(let string): .user(string)
        case .array(let elements): .array(elements.map(userValue))
        case .object(let members):
            .object(
                TemplateObject(
                    members: members.map { .init(name: TemplateString(user: $0.key), value: userValue($0.value)) }))
        }
    }
}
