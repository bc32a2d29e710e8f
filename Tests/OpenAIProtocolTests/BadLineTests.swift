import OpenAIProtocol
import Testing

/// A line that must be refused, and what the error must say.
struct BadLine: Sendable, CustomTestStringConvertible {
    let line: String
    let code: ProtocolError.Code
    let param: String?
    let fragments: [String]

    init(_ line: String, _ code: ProtocolError.Code, _ param: String?, _ fragments: String...) {
        self.line = line
        self.code = code
        self.param = param
        self.fragments = fragments
    }

    /// A completion with one more field.
    static func text(
        _ field: String, _ code: ProtocolError.Code, _ param: String, _ fragments: String...
    ) -> BadLine {
        BadLine(line: #"{"prompt":"x",\#(field)}"#, code, param, [param] + fragments)
    }

    /// A chat with one more field.
    static func chat(
        _ field: String, _ code: ProtocolError.Code, _ param: String, _ fragments: String...
    ) -> BadLine {
        BadLine(line: #"{"messages":[{"role":"user","content":"x"}],\#(field)}"#, code, param, [param] + fragments)
    }

    /// A chat of one message.
    static func message(
        _ message: String, _ code: ProtocolError.Code, _ param: String, _ fragments: String...
    ) -> BadLine {
        BadLine(line: #"{"messages":[\#(message)]}"#, code, param, [param] + fragments)
    }

    private init(line: String, _ code: ProtocolError.Code, _ param: String?, _ fragments: [String]) {
        self.line = line
        self.code = code
        self.param = param
        self.fragments = fragments
    }

    var testDescription: String { String(line.prefix(100)) }
}

@Suite struct BadLineTests {
    static let envelopes: [BadLine] = [
        BadLine("", .invalidJSON, nil, "offset 0"),
        BadLine("hello", .invalidJSON, nil, "offset 0"),
        BadLine(#"{"prompt":"x""#, .invalidJSON, nil, "',' or '}'", "offset 13"),
        BadLine(#"{"prompt":"x","prompt":"y"}"#, .invalidJSON, nil, "\"prompt\" stands twice"),
        BadLine(#"{"prompt":"x","temperature":1e999}"#, .invalidJSON, nil, "1e999"),
        BadLine(#"{"prompt":"x","temperature":NaN}"#, .invalidJSON, nil, "offset 28"),
        BadLine("[]", .invalidType, nil, "a line must be an object", "an empty array"),
        BadLine("7", .invalidType, nil, "a line must be an object", "7"),
        BadLine("{}", .missingField, nil, "body, messages or prompt"),
        BadLine(#"{"custom_id":"a"}"#, .missingField, nil, "body, messages or prompt"),
        BadLine(#"{"custom_id":7,"prompt":"x"}"#, .invalidType, "custom_id", "a string", "7"),
        BadLine(#"{"custom_id":"","prompt":"x"}"#, .invalidValue, "custom_id", "1 to 512 bytes", "has 0"),
        BadLine(#"{"id":true,"prompt":"x"}"#, .invalidType, "id", "a string", "true"),
        BadLine(#"{"id":"a","custom_id":"b","prompt":"x"}"#, .unknownField, "id", "\"id\""),
        BadLine(
            #"{"prompt":"x","messages":[{"role":"user","content":"x"}]}"#, .invalidValue, "prompt", "messages", "both"),
        BadLine(#"{"url":"/v1/completions","body":{"prompt":"x"}}"#, .missingField, "method", "missing"),
        BadLine(#"{"method":"GET","url":"/v1/completions","body":{}}"#, .invalidValue, "method", "\"POST\"", "\"GET\""),
        BadLine(#"{"method":"POST","body":{"prompt":"x"}}"#, .missingField, "url", "missing"),
        BadLine(
            #"{"method":"POST","url":"/v1/embeddings","body":{}}"#, .invalidValue, "url", "/v1/chat/completions",
            "/v1/embeddings"),
        BadLine(#"{"method":"POST","url":7,"body":{}}"#, .invalidType, "url", "a string", "7"),
        BadLine(#"{"method":"POST","url":"/v1/completions"}"#, .missingField, "body", "missing"),
        BadLine(#"{"method":"POST","url":"/v1/completions","body":"x"}"#, .invalidType, "body", "an object", "\"x\""),
        BadLine(
            #"{"method":"POST","url":"/v1/completions","body":{"prompt":"x"},"priority":1}"#, .unknownField, "priority",
            "\"priority\"", "1"),
        BadLine(#"{"method":"POST","url":"/v1/completions","body":{}}"#, .missingField, "prompt", "missing"),
        BadLine(#"{"method":"POST","url":"/v1/chat/completions","body":{}}"#, .missingField, "messages", "missing"),
        BadLine(
            #"{"method":"POST","url":"/v1/chat/completions","body":{"prompt":"x"}}"#, .unsupported, "prompt", "messages"
        ),
        BadLine(
            #"{"method":"POST","url":"/v1/completions","body":{"messages":[]}}"#, .unsupported, "messages", "prompt"),
    ]

    static let prompts: [BadLine] = [
        BadLine(#"{"prompt":""}"#, .invalidValue, "prompt", "empty string"),
        BadLine(#"{"prompt":[""]}"#, .invalidValue, "prompt", "empty string"),
        BadLine(#"{"prompt":7}"#, .invalidType, "prompt", "token ids", "7"),
        BadLine(#"{"prompt":{}}"#, .invalidType, "prompt", "an object"),
        BadLine(#"{"prompt":null}"#, .missingField, "prompt", "missing"),
        BadLine(#"{"prompt":[]}"#, .invalidValue, "prompt", "an empty array"),
        BadLine(#"{"prompt":["a","b"]}"#, .unsupported, "prompt", "2 prompts", "a line of its own"),
        BadLine(#"{"prompt":[[1],[2],[3]]}"#, .unsupported, "prompt", "3 prompts"),
        BadLine(#"{"prompt":[1,"a"]}"#, .invalidType, "prompt[1]", "from 0 to 2147483647", "\"a\""),
        BadLine(#"{"prompt":[1,-2]}"#, .invalidValue, "prompt[1]", "from 0", "-2"),
        BadLine(#"{"prompt":[2147483648]}"#, .invalidValue, "prompt[0]", "2147483647", "2147483648"),
        BadLine(#"{"prompt":[1.5]}"#, .invalidValue, "prompt[0]", "1.5"),
        BadLine(#"{"prompt":[true]}"#, .invalidType, "prompt[0]", "true"),
        BadLine(#"{"messages":[]}"#, .invalidValue, "messages", "at least 1", "0"),
        BadLine(#"{"messages":"x"}"#, .invalidType, "messages", "an array", "\"x\""),
        .message("7", .invalidType, "messages[0]", "an object", "7"),
        .message("{}", .missingField, "messages[0].role"),
        .message(#"{"role":"user"}"#, .missingField, "messages[0].content"),
        .message(#"{"role":"pirate","content":"x"}"#, .invalidValue, "messages[0].role", "assistant", "\"pirate\""),
        .message(#"{"role":1,"content":"x"}"#, .invalidType, "messages[0].role", "a string"),
        .message(#"{"role":"user","content":7}"#, .invalidType, "messages[0].content", "7"),
        .message(#"{"role":"user","content":[]}"#, .invalidValue, "messages[0].content", "at least 1 part"),
        .message(#"{"role":"user","content":["x"]}"#, .invalidType, "messages[0].content[0]", "an object"),
        .message(#"{"role":"user","content":[{"text":"x"}]}"#, .missingField, "messages[0].content[0].type"),
        .message(
            #"{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"u"}}]}"#,
            .unsupported, "messages[0].content[1].type", "\"text\"", "\"image_url\""),
        .message(#"{"role":"user","content":[{"type":"text"}]}"#, .missingField, "messages[0].content[0].text"),
        .message(
            #"{"role":"user","content":[{"type":"text","text":"a","colour":1}]}"#, .unknownField,
            "messages[0].content[0].colour"),
        .message(#"{"role":"user","content":"x","weight":0}"#, .unknownField, "messages[0].weight", "0"),
        .message(#"{"role":"user","content":"x","name":7}"#, .invalidType, "messages[0].name", "7"),
        .message(#"{"role":"user","content":"x","tool_calls":[{}]}"#, .invalidValue, "messages[0].tool_calls", "user"),
        .message(#"{"role":"assistant","tool_calls":["f"]}"#, .invalidType, "messages[0].tool_calls[0]", "\"f\""),
        .message(#"{"role":"assistant","content":"x","refusal":"no"}"#, .unsupported, "messages[0].refusal", "\"no\""),
        .message(#"{"role":"tool","content":"x","tool_call_id":[]}"#, .invalidType, "messages[0].tool_call_id"),
    ]

    static let settings: [BadLine] = [
        .text(#""temperature":"0.5""#, .invalidType, "temperature", "0 to 2", "\"0.5\""),
        .text(#""temperature":true"#, .invalidType, "temperature", "true"),
        .text(#""temperature":2.01"#, .invalidValue, "temperature", "0 to 2", "2.01"),
        .text(#""temperature":-0.1"#, .invalidValue, "temperature", "-0.1"),
        .text(#""top_p":0"#, .invalidValue, "top_p", "above 0", "0"),
        .text(#""top_p":1.5"#, .invalidValue, "top_p", "0 to 1", "1.5"),
        .text(#""top_p":[]"#, .invalidType, "top_p", "an empty array"),
        .text(#""top_k":-2"#, .invalidValue, "top_k", "-1", "-2"),
        .text(#""top_k":1.5"#, .invalidValue, "top_k", "1.5"),
        .text(#""min_p":1.1"#, .invalidValue, "min_p", "0 to 1", "1.1"),
        .text(#""repetition_penalty":0"#, .invalidValue, "repetition_penalty", "0.01 to 100", "0"),
        .text(#""repetition_penalty":1e300"#, .invalidValue, "repetition_penalty", "1e+300"),
        .text(#""presence_penalty":2.5"#, .invalidValue, "presence_penalty", "-2 to 2", "2.5"),
        .text(#""frequency_penalty":-3"#, .invalidValue, "frequency_penalty", "-2 to 2", "-3"),
        .text(#""logit_bias":[1]"#, .invalidType, "logit_bias", "an object"),
        .text(#""logit_bias":{"cat":1}"#, .invalidValue, "logit_bias", "token ids", "\"cat\""),
        .text(#""logit_bias":{"-1":1}"#, .invalidValue, "logit_bias", "\"-1\""),
        .text(#""logit_bias":{"07":1}"#, .invalidValue, "logit_bias", "\"07\""),
        .text(#""logit_bias":{"2147483648":1}"#, .invalidValue, "logit_bias", "\"2147483648\""),
        .text(#""logit_bias":{"7":101}"#, .invalidValue, "logit_bias.7", "-100 to 100", "101"),
        .text(#""logit_bias":{"7":"1"}"#, .invalidType, "logit_bias.7", "\"1\""),
        .text(#""seed":1.5"#, .invalidValue, "seed", "1.5"),
        .text(#""seed":9223372036854775808"#, .invalidValue, "seed", "64 bits"),
        .text(#""seed":"1""#, .invalidType, "seed", "\"1\""),
        .text(#""stop":7"#, .invalidType, "stop", "up to 16", "7"),
        .text(#""stop":"""#, .invalidValue, "stop", "empty string"),
        .text(#""stop":["a",""]"#, .invalidValue, "stop", "empty string"),
        .text(#""stop":["a",1]"#, .invalidType, "stop[1]", "1"),
        .text(
            #""stop":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17"]"#, .invalidValue,
            "stop", "16", "an array of 17"),
        .text(#""stop_token_ids":5"#, .invalidType, "stop_token_ids", "an array"),
        .text(#""stop_token_ids":[-1]"#, .invalidValue, "stop_token_ids[0]", "-1"),
        .text(#""max_tokens":0"#, .invalidValue, "max_tokens", "at least 1", "0"),
        .text(#""max_tokens":-5"#, .invalidValue, "max_tokens", "-5"),
        .text(#""max_tokens":64.5"#, .invalidValue, "max_tokens", "64.5"),
        .text(#""max_tokens":"64""#, .invalidType, "max_tokens", "\"64\""),
        .text(#""max_tokens":true"#, .invalidType, "max_tokens", "true"),
        .text(#""max_tokens":1e30"#, .invalidValue, "max_tokens", "1e+30"),
        .text(#""max_tokens":4,"max_completion_tokens":5"#, .invalidValue, "max_completion_tokens", "4", "5"),
        .text(#""min_tokens":-1"#, .invalidValue, "min_tokens", "-1"),
        .text(#""min_tokens":9,"max_tokens":8"#, .invalidValue, "min_tokens", "8", "9"),
        .text(#""min_tokens":17"#, .invalidValue, "min_tokens", "16", "17"),
        .text(#""ignore_eos":1"#, .invalidType, "ignore_eos", "true or false", "1"),
        .text(#""n":0"#, .invalidValue, "n", "1 to 128", "0"),
        .text(#""n":129"#, .invalidValue, "n", "1 to 128", "129"),
        .text(#""best_of":2"#, .unsupported, "best_of", "2"),
        .text(#""logprobs":true"#, .invalidType, "logprobs", "0 to 20", "true"),
        .text(#""logprobs":21"#, .invalidValue, "logprobs", "0 to 20", "21"),
        .text(#""top_logprobs":2"#, .unsupported, "top_logprobs", "use logprobs"),
        .text(#""model":7"#, .invalidType, "model", "7"),
        .text(#""echo":true"#, .unsupported, "echo", "true"),
        .text(#""suffix":"end""#, .unsupported, "suffix", "\"end\""),
        .text(#""stream":true"#, .unsupported, "stream", "true"),
        .text(#""temprature":1"#, .unknownField, "temprature", "1"),
        .text(#""guided_json":null"#, .unknownField, "guided_json", "null"),
        .text(#""use_beam_search":true"#, .unsupported, "use_beam_search", "true"),
        .text(#""tools":[]"#, .unknownField, "tools"),
        .chat(#""logprobs":5"#, .invalidType, "logprobs", "true or false", "5"),
        .chat(#""top_logprobs":2"#, .invalidValue, "top_logprobs", "logprobs to be true", "2"),
        .chat(#""logprobs":true,"top_logprobs":21"#, .invalidValue, "top_logprobs", "0 to 20", "21"),
        .chat(#""tools":{}"#, .invalidType, "tools", "an array"),
        .chat(#""tools":["f"]"#, .invalidType, "tools[0]", "an object"),
        .chat(#""tool_choice":"required""#, .unsupported, "tool_choice", "\"required\""),
        .chat(#""tool_choice":{"type":"function"}"#, .unsupported, "tool_choice", "an object"),
        .chat(#""response_format":{"type":"json_object"}"#, .unsupported, "response_format", "plain text"),
        .chat(#""functions":[{}]"#, .unsupported, "functions", "tools"),
        .chat(#""function_call":"required""#, .unsupported, "function_call"),
        .chat(#""modalities":["text","audio"]"#, .unsupported, "modalities", "an array of 2"),
        .chat(#""reasoning_effort":"high""#, .unsupported, "reasoning_effort", "\"high\""),
    ]

    @Test(arguments: envelopes + prompts + settings)
    func refuses(_ bad: BadLine) throws {
        guard case .invalid(let refused) = parse(bad.line, lineNumber: 3) else {
            Issue.record("accepted: \(bad.line)")
            return
        }
        #expect(refused.lineNumber == 3)
        #expect(refused.error.code == bad.code)
        #expect(refused.error.param == bad.param)
        for fragment in bad.fragments {
            #expect(refused.error.message.contains(fragment), "\(refused.error.message)")
        }
    }

    @Test func keepsTheIDOfABadLine() {
        #expect(parse(#"{"custom_id":"a","prompt":7}"#, lineNumber: 4).customID == "a")
        #expect(parse(#"{"custom_id":"a","prompt":"#, lineNumber: 4).customID == "line-4")
        #expect(parse(#"{"custom_id":7,"prompt":"x"}"#, lineNumber: 4).customID == "line-4")
        let id = String(repeating: "i", count: 512)
        #expect(parse(#"{"custom_id":"\#(id)","prompt":"x"}"#).customID == id)
        let long = parse(#"{"custom_id":"\#(id)i","prompt":"x"}"#, lineNumber: 4)
        #expect(long.customID == "line-4")
        guard case .invalid(let refused) = long else {
            Issue.record("accepted an id of 513 bytes")
            return
        }
        #expect(refused.error.message == "custom_id must have 1 to 512 bytes, the value has 513")
    }

    @Test func limitsTokenLists() {
        let ids = (0...4096).map(String.init)
        for field in [
            "\"stop_token_ids\":[" + ids.joined(separator: ",") + "]",
            "\"logit_bias\":{" + ids.map { "\"\($0)\":1" }.joined(separator: ",") + "}",
        ] {
            guard case .invalid(let refused) = parse(#"{"prompt":"x",\#(field)}"#) else {
                Issue.record("accepted 4097 tokens")
                return
            }
            #expect(refused.error.message.contains("at most 4096 tokens, not 4097"))
        }
    }

    /// Whatever stands in a line, it is a request within the limits or an error.
    @Test func survivesEveryByteInEveryPlace() {
        let line =
            Array(
                #"{"custom_id":"a","messages":[{"role":"user","content":[{"type":"text","text":"x"}]}],"n":1,"#.utf8)
            + Array(#""top_p":0.5,"logit_bias":{"7":-1e1},"stop":["b"],"seed":-3,"max_tokens":5,"logprobs":null}"#.utf8)
        var accepted = 0
        for position in line.indices {
            for byte in 0...UInt8.max {
                var changed = line
                changed[position] = byte
                if case .request(let request) = RequestLine.parse(changed, lineNumber: 1) {
                    accepted += 1
                    #expect(request.sampling.topP > 0 && request.sampling.topP <= 1)
                    #expect(1...128 ~= request.n)
                }
            }
        }
        #expect(accepted > line.count && accepted < line.count * 256)
    }
}
