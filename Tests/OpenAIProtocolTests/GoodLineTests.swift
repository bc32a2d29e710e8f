import OpenAIProtocol
import Platform
import Scheduling
import Testing

@Suite struct GoodLineTests {
    @Test func readsTheShortForms() throws {
        let text = try request(#"{"prompt": "The tide", "max_tokens": 64}"#, lineNumber: 7)
        #expect(text.lineNumber == 7)
        #expect(text.customID == "line-7")
        #expect(text.endpoint == .completion)
        #expect(text.prompt == .text("The tide"))
        #expect(text.maxTokens == 64)
        #expect(text.sampling == SamplingParameters())
        #expect(text.model == nil && text.seed == nil && text.stop.isEmpty && text.stopTokenIDs.isEmpty)
        #expect(!text.ignoreEOS && text.n == 1 && !text.wantsLogprobs)

        let chat = try request(#"{"id":"a","messages":[{"role":"user","content":"Hello"}]}"#)
        #expect(chat.customID == "a")
        #expect(chat.endpoint == .chat)
        #expect(chat.prompt == .messages([ChatMessage(role: .user, content: "Hello")], tools: nil))
        #expect(chat.maxTokens == nil)
        #expect(try request(#"{"prompt":"x"}"#).maxTokens == 16)
        #expect(try request(#"{"custom_id":"b","prompt":"x"}"#).customID == "b")
    }

    @Test func readsEveryField() throws {
        let line = #"""
            {"custom_id":"all","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[
            {"role":"system","content":"S"},
            {"role":"developer","content":[{"type":"text","text":"D"},{"type":"text","text":"E"}]},
            {"role":"user","content":"U","name":"Ann"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"c1"}],"refusal":null},
            {"role":"tool","content":"T","tool_call_id":"c1"}],"tools":[{"type":"function"}],"tool_choice":"auto",
            "temperature":0.5,"top_p":0.25,"top_k":40,"min_p":0.125,"repetition_penalty":1.5,"presence_penalty":-2,
            "frequency_penalty":2,"logit_bias":{"11":-100,"5":2.5},"seed":-9223372036854775808,"stop":["a","b"],
            "stop_token_ids":[0,2147483647],"max_tokens":64.0,"max_completion_tokens":64,"min_tokens":3,
            "ignore_eos":true,"n":128,"best_of":128,"logprobs":true,"top_logprobs":20,"user":"u",
            "metadata":{"k":"v"},"store":false,"stream":false,
            "service_tier":"auto","parallel_tool_calls":true,"response_format":{"type":"text"},"echo":null,
            "suffix":null}}
            """#
        let all = try request(line.replacing("\n", with: " "))
        var sampling = SamplingParameters()
        sampling.temperature = 0.5
        sampling.topP = 0.25
        sampling.topK = 40
        sampling.minP = 0.125
        sampling.repetitionPenalty = 1.5
        sampling.presencePenalty = -2
        sampling.frequencyPenalty = 2
        sampling.logitBias = [LogitBias(token: 5, bias: 2.5), LogitBias(token: 11, bias: -100)]
        sampling.minTokens = 3
        sampling.topLogprobs = 20
        #expect(all.sampling == sampling)
        let messages = [
            ChatMessage(role: .system, content: "S"), ChatMessage(role: .developer, content: "DE"),
            ChatMessage(role: .user, content: "U", name: "Ann"),
            ChatMessage(role: .assistant, content: "", toolCalls: .array([.object([JSONMember("id", .string("c1"))])])),
            ChatMessage(role: .tool, content: "T", toolCallID: "c1"),
        ]
        let tools = JSONValue.array([.object([JSONMember("type", .string("function"))])])
        #expect(all.prompt == .messages(messages, tools: tools))
        #expect(all.model == "m")
        #expect(all.seed == .min)
        #expect(all.stop == ["a", "b"])
        #expect(all.stopTokenIDs == [0, .max])
        #expect(all.maxTokens == 64)
        #expect(all.ignoreEOS && all.n == 128 && all.wantsLogprobs)
    }

    @Test(arguments: [
        (#""x""#, Prompt.text("x")), (#"["x"]"#, .text("x")), ("[5]", .tokens([5])), ("[1,2.0,0]", .tokens([1, 2, 0])),
    ])
    func readsPrompts(_ prompt: String, _ expected: Prompt) throws {
        #expect(try request(#"{"prompt":\#(prompt)}"#).prompt == expected)
    }

    /// Each of these is accepted and changes nothing.
    @Test(arguments: [
        "\"temperature\":null", "\"temperature\":1", "\"temperature\":1.0", "\"top_k\":-1", "\"top_k\":0",
        "\"top_p\":1",
        "\"min_p\":0", "\"repetition_penalty\":1", "\"n\":1.0", "\"stop\":null", "\"stop\":[]", "\"logit_bias\":{}",
        "\"stream\":false", "\"stream_options\":{}", "\"best_of\":1", "\"user\":7", "\"logprobs\":false",
        "\"tools\":[]",
        "\"tool_choice\":\"none\"", "\"functions\":[]", "\"function_call\":\"auto\"", "\"modalities\":[\"text\"]",
        "\"length_penalty\":1.0", "\"skip_special_tokens\":true", "\"echo\":false", "\"suffix\":\"\"",
        "\"max_tokens\":null",
    ])
    func acceptsDefaults(_ field: String) throws {
        let plain = try request(#"{"messages":[{"role":"user","content":"x"}]}"#)
        let other = try request(#"{"messages":[{"role":"user","content":"x"}],\#(field)}"#)
        #expect(other.sampling == plain.sampling && other.prompt == plain.prompt && other.maxTokens == plain.maxTokens)
        #expect(other.stop.isEmpty && other.n == 1 && other.seed == nil)
    }

    @Test func readsEdgeValues() throws {
        #expect(try request(#"{"prompt":"x","max_tokens":1000000000}"#).maxTokens == 1_000_000_000)
        #expect(try request(#"{"prompt":"x","max_tokens":9223372036854775807}"#).maxTokens == .max)
        #expect(try request(#"{"prompt":"x","top_p":1e-300}"#).sampling.topP == .leastNormalMagnitude)
        #expect(try request(#"{"prompt":"x","temperature":2}"#).sampling.temperature == 2)
        #expect(try request(#"{"prompt":"x","temperature":1e-320}"#).sampling.temperature == 0)
        #expect(try request(#"{"prompt":"x","stop":"\n\n"}"#).stop == ["\n\n"])
        #expect(try request(#"{"prompt":"x","logprobs":0}"#).sampling.topLogprobs == 0)
        #expect(try request(#"{"prompt":"x","logprobs":5}"#).sampling.topLogprobs == 5)
        let chat = #"{"messages":[{"role":"user","content":"x"}],"logprobs":true}"#
        #expect(try request(chat).sampling.topLogprobs == 0)
        let off = #"{"messages":[{"role":"user","content":"x"}],"tools":[{"a":1}],"tool_choice":"none"}"#
        #expect(try request(off).prompt == .messages([ChatMessage(role: .user, content: "x")], tools: nil))
    }

    /// The digest names the text of a line, its id and the options, and nothing else.
    @Test func digestsTellRequestsApart() {
        func digest(_ line: String, number: Int = 1, options: String = "") -> UInt64 {
            RequestLine.parse(Array(line.utf8), lineNumber: number, options: options).digest
        }
        let line = #"{"custom_id":"a","prompt":"x"}"#
        #expect(digest(line) == digest("  \t\(line)\r\n", number: 9))
        #expect(digest(line) != digest(line, options: "seed=1"))
        #expect(digest(line) != digest(#"{"custom_id":"a","prompt":"y"}"#))
        #expect(digest(#"{"prompt":"x"}"#, number: 1) != digest(#"{"prompt":"x"}"#, number: 2))
        #expect(digest("broken") != digest("broken too"))
        // FNV-1a of nothing and of "a", from the definition of the function.
        var known = RequestDigest()
        #expect(known.value == 0xcbf2_9ce4_8422_2325)
        known.update("a".utf8)
        #expect(known.value == 0xaf63_dc4c_8601_ec8c)
    }
}
