import Platform
import Scheduling

/// Writes one line of an output file, in OpenAI's batch format.
///
/// An answered request has a `response` and `"error":null`. A request that was refused, or that the engine could not
/// finish, has `"response":null` and `"error":{"code","message","param"}`, so a reader needs to look at `error` alone.
/// The order of keys is fixed, there are no blanks, and equal arguments give equal bytes.
public enum OutputLine {
    /// The line of an answered request, with its newline.
    ///
    /// - Parameter includeTokenIDs: adds `token_ids` to each choice.
    public static func success(
        _ response: GenerationResponse, customID: String, id: OutputID, includeTokenIDs: Bool = false
    ) -> [UInt8] {
        var writer = JSONWriter()
        let request = OutputID.hex(id.request)
        begin(&writer, customID: customID, id: id)
        writer.raw(#"{"status_code":200,"request_id":"#)
        writer.string("req_" + request)
        writer.raw(#","body":"#)
        writer.body(response, request: request, includeTokenIDs: includeTokenIDs)
        writer.raw("},\"error\":null}\n")
        return writer.bytes
    }

    /// The line of a request without an answer, with its newline.
    public static func failure(_ error: ProtocolError, customID: String, id: OutputID) -> [UInt8] {
        var writer = JSONWriter()
        begin(&writer, customID: customID, id: id)
        writer.raw(#"null,"error":{"code":"#)
        writer.string(error.code.name)
        writer.raw(#","message":"#)
        writer.string(error.description)
        writer.raw(#","param":"#)
        writer.optionalString(error.param)
        writer.raw("}}\n")
        return writer.bytes
    }

    private static func begin(_ writer: inout JSONWriter, customID: String, id: OutputID) {
        writer.raw(#"{"id":"#)
        writer.string(id.description)
        writer.raw(#","custom_id":"#)
        writer.string(customID)
        writer.raw(#","response":"#)
    }
}

extension JSONWriter {
    fileprivate mutating func optionalString(_ text: String?) {
        if let text { string(text) } else { raw("null") }
    }

    fileprivate mutating func body(_ response: GenerationResponse, request: String, includeTokenIDs: Bool) {
        let isChat = response.endpoint == .chat
        raw(#"{"id":"#)
        string((isChat ? "chatcmpl-" : "cmpl-") + request)
        raw(#","object":"#)
        string(isChat ? "chat.completion" : "text_completion")
        raw(#","created":"#)
        integer(response.created)
        raw(#","model":"#)
        string(response.model)
        raw(#","system_fingerprint":"#)
        string(response.systemFingerprint)
        raw(#","choices":"#)
        list("[", response.choices, "]") { writer, choice in
            writer.choice(choice, isChat: isChat, includeTokenIDs: includeTokenIDs)
        }
        raw(#","usage":{"prompt_tokens":"#)
        integer(response.promptTokens)
        raw(#","completion_tokens":"#)
        integer(response.completionTokens)
        raw(#","total_tokens":"#)
        integer(response.promptTokens + response.completionTokens)
        raw("}}")
    }

    private mutating func choice(_ choice: Choice, isChat: Bool, includeTokenIDs: Bool) {
        raw(#"{"index":"#)
        integer(choice.index)
        raw(isChat ? #","message":{"role":"assistant","content":"# : #","text":"#)
        string(choice.text)
        raw(isChat ? #"},"logprobs":"# : #","logprobs":"#)
        if let positions = choice.logprobs {
            isChat ? chatLogprobs(positions) : completionLogprobs(positions)
        } else {
            raw("null")
        }
        raw(#","finish_reason":"#)
        string(choice.end.rawValue)
        if includeTokenIDs {
            raw(#","token_ids":"#)
            list("[", choice.tokenIDs, "]") { $0.integer($1) }
        }
        raw("}")
    }
}
