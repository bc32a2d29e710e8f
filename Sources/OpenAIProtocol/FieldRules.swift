import Platform

/// How fields are treated that cannot change a token, or that this engine cannot honour.
enum FieldRules {
    /// Fields that cannot change an answer. Any value is accepted.
    static let ignored = [
        "user", "metadata", "store", "service_tier", "parallel_tool_calls", "safety_identifier", "prompt_cache_key",
        "prompt_cache_retention", "prediction", "stream_options",
    ]

    /// Fields that would change an answer or its form, with the values that are accepted because they ask for the
    /// normal behaviour, and the reason for refusing any other value.
    static let fixed: [(key: String, allowed: [JSONValue], reason: String)] = [
        ("stream", [.bool(false)], "a file of answers has no reader to stream to"),
        ("echo", [.bool(false)], "answers never repeat the prompt"),
        ("suffix", [.string("")], "text is only ever continued at its end"),
        ("response_format", [.object([JSONMember("type", .string("text"))])], "only plain text can be asked for"),
        ("modalities", [.array([.string("text")])], "only text is generated"),
        ("audio", [], "only text is generated"),
        ("functions", [.array([])], "use tools instead"),
        ("function_call", [.string("none"), .string("auto")], "a call cannot be forced"),
        ("web_search_options", [], "there is no web search"),
        ("reasoning_effort", [], "the model's template decides how it reasons"),
        ("verbosity", [], "the model has no such setting"),
        ("use_beam_search", [.bool(false)], "tokens are drawn, not searched"),
        ("length_penalty", [.int(1)], "tokens are drawn, not searched"),
        ("early_stopping", [.bool(false)], "tokens are drawn, not searched"),
        ("skip_special_tokens", [.bool(true)], "special tokens never appear in answers"),
        ("include_stop_str_in_output", [.bool(false)], "an answer ends before the stop string"),
        ("add_generation_prompt", [.bool(true)], "the assistant always has the next turn"),
        ("continue_final_message", [.bool(false)], "the assistant always has the next turn"),
        ("prompt_logprobs", [], "log-probabilities are given for answers only"),
        ("truncate_prompt_tokens", [], "a prompt is never cut"),
    ]

    /// Takes the ignored and the fixed fields out of a body.
    ///
    /// - Throws: `unsupported` for a fixed field with another value.
    static func apply(to fields: inout FieldReader) throws(ProtocolError) {
        for key in ignored { _ = fields.take(key) }
        for rule in fixed {
            guard let value = fields.take(rule.key), !rule.allowed.contains(where: { isEqual($0, value) }) else {
                continue
            }
            throw fields.error(
                .unsupported, rule.key, "cannot be honoured, the value is \(describe(value)): \(rule.reason)")
        }
    }

    /// Equality for which `1` and `1.0` are the same.
    private static func isEqual(_ a: JSONValue, _ b: JSONValue) -> Bool {
        a == b || (a.number != nil && a.number == b.number)
    }
}
