import OpenAIProtocol
import Platform
import TestTools
import Testing

@Suite struct OutputLineTests {
    let id = OutputID(model: 0x00AB_CDEF_0123_4567, request: 0xFEDC_BA98_7654_3210)

    func response(_ endpoint: Endpoint, _ choices: [Choice]) -> GenerationResponse {
        GenerationResponse(
            endpoint: endpoint, created: 1_700_000_000, model: "tiny", systemFingerprint: "fp_1", choices: choices,
            promptTokens: 5, completionTokens: 7)
    }

    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// The beginning of a line that has a body of this kind.
    func head(_ customID: String, _ bodyID: String, _ object: String) -> String {
        [
            #"{"id":"batch_req_00abcdef01234567_fedcba9876543210","custom_id":"#, customID,
            #","response":{"status_code":200,"request_id":"req_fedcba9876543210","body":{"id":""#, bodyID,
            #"","object":""#, object, #"","created":1700000000,"model":"tiny","system_fingerprint":"fp_1","choices":["#,
        ].joined()
    }

    let tail = #"],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}},"error":null}"# + "\n"

    @Test func writesAChat() {
        let choices = [
            Choice(index: 0, text: "High\n\"tide\" 🌊", end: .stop, tokenIDs: [3, 1]),
            Choice(index: 1, text: "", end: .length, tokenIDs: []),
        ]
        let start = head(#""a\"b""#, "chatcmpl-fedcba9876543210", "chat.completion")
        let first =
            #"{"index":0,"message":{"role":"assistant","content":"High\n\"tide\" 🌊"},"#
            + #""logprobs":null,"finish_reason":"stop""#
        let second =
            #"{"index":1,"message":{"role":"assistant","content":""},"logprobs":null,"finish_reason":"length""#
        let body = response(.chat, choices)
        let plain = OutputLine.success(body, customID: "a\"b", id: id)
        #expect(text(plain) == [start, first, "},", second, "}", tail].joined())
        let withTokens = OutputLine.success(body, customID: "a\"b", id: id, includeTokenIDs: true)
        let expected = [start, first, #","token_ids":[3,1]},"#, second, #","token_ids":[]}"#, tail].joined()
        #expect(text(withTokens) == expected)
        #expect(plain == OutputLine.success(body, customID: "a\"b", id: id))
    }

    @Test func writesACompletion() {
        let choice = Choice(index: 0, text: " ebb", end: .length)
        let line = OutputLine.success(response(.completion, [choice]), customID: "line-1", id: id)
        let start = head(#""line-1""#, "cmpl-fedcba9876543210", "text_completion")
        #expect(text(line) == start + #"{"index":0,"text":" ebb","logprobs":null,"finish_reason":"length"}"# + tail)
    }

    @Test func writesAFailure() {
        let error = ProtocolError(.invalidValue, "n must be from 1 to 128, the value is 0", param: "n")
        let line = OutputLine.failure(error, customID: "é", id: id)
        let expected = [
            #"{"id":"batch_req_00abcdef01234567_fedcba9876543210","custom_id":"é","response":null,"error":"#,
            #"{"code":"invalid_value","message":"n must be from 1 to 128, the value is 0","param":"n"}}"#, "\n",
        ].joined()
        #expect(text(line) == expected)
        let other = OutputLine.failure(ProtocolError(.unsupported, "lost: why"), customID: "a", id: id)
        #expect(
            text(other).hasSuffix(
                #""error":{"code":"unsupported_parameter","message":"lost: why","param":null}}"# + "\n"))
    }

    static let positions = [
        LoggedPosition(
            drawn: LoggedToken(bytes: Array("é".utf8), logprob: -0.5),
            top: [
                LoggedToken(bytes: Array("é".utf8), logprob: -0.5), LoggedToken(bytes: [0xE2, 0x82], logprob: -1.25),
            ]),
        LoggedPosition(drawn: LoggedToken(bytes: [0xE2, 0x82], logprob: -2)),
        LoggedPosition(drawn: LoggedToken(bytes: [0xAC], logprob: -.infinity)),
        LoggedPosition(
            drawn: LoggedToken(bytes: Array("\"x".utf8), logprob: 0),
            top: [LoggedToken(bytes: [0x61], logprob: -1), LoggedToken(bytes: [0x61], logprob: -2)]),
    ]

    @Test func writesLogprobsOfAChat() {
        let choice = Choice(index: 0, text: "é€\"x", end: .stop, logprobs: Self.positions)
        let line = text(OutputLine.success(response(.chat, [choice]), customID: "a", id: id))
        let expected = [
            #""logprobs":{"content":[{"token":"é","logprob":-0.5,"bytes":[195,169],"top_logprobs":["#,
            #"{"token":"é","logprob":-0.5,"bytes":[195,169]},"#,
            #"{"token":"\#u{FFFD}","logprob":-1.25,"bytes":[226,130]}]},"#,
            #"{"token":"\#u{FFFD}","logprob":-2.0,"bytes":[226,130],"top_logprobs":[]},"#,
            #"{"token":"\#u{FFFD}","logprob":-9999.0,"bytes":[172],"top_logprobs":[]},"#,
            #"{"token":"\"x","logprob":0.0,"bytes":[34,120],"top_logprobs":["#,
            #"{"token":"a","logprob":-1.0,"bytes":[97]},{"token":"a","logprob":-2.0,"bytes":[97]}]}]},"#,
            #""finish_reason":"stop""#,
        ].joined()
        #expect(line.contains(expected), "\(line)")
    }

    @Test func writesLogprobsOfACompletion() {
        let choice = Choice(index: 0, text: "é€\"x", end: .stop, logprobs: Self.positions)
        let line = text(OutputLine.success(response(.completion, [choice]), customID: "a", id: id))
        let expected = [
            #""logprobs":{"tokens":["é","bytes:\\xe2\\x82","bytes:\\xac","\"x"],"#,
            #""token_logprobs":[-0.5,-2.0,-9999.0,0.0],"#,
            #""top_logprobs":[{"é":-0.5,"bytes:\\xe2\\x82":-1.25},{},{},{"a":-1.0}],"text_offset":[0,1,2,2]},"#,
        ].joined()
        #expect(line.contains(expected), "\(line)")
    }

    /// Every line, whatever is in it, is one line of JSON that says the same.
    @Test func theParserReadsEveryLine() throws {
        for seed in 0..<500 {
            var random = SplitMix(seed: seed)
            let content = random.text()
            let customID = random.text()
            let endpoint = Endpoint.allCases.randomElement(using: &random)!
            let token = LoggedToken(bytes: (0..<4).map { _ in .random(in: 0...255, using: &random) }, logprob: -0.1)
            let choice = Choice(
                index: 0, text: content, end: .stop, logprobs: [LoggedPosition(drawn: token, top: [token])])
            let line = OutputLine.success(response(endpoint, [choice]), customID: customID, id: id)
            #expect(line.firstIndex(of: 0x0A) == line.count - 1)
            let value = try JSONParser.parse(line)
            #expect(value["custom_id"] == .string(customID))
            let first = value["response"]?["body"]?["choices"]?.elements?.first
            #expect((endpoint == .chat ? first?["message"]?["content"] : first?["text"]) == .string(content))
            #expect(value.encoded() + [0x0A] == line)
        }
    }

    @Test func readsItsOwnIDs() {
        #expect(OutputID(id.description) == id)
        for text in [
            "", "batch_req_", "batch_req_00abcdef01234567", "batch_req_00abcdef01234567_fedcba987654321",
            "batch_req_00ABCDEF01234567_fedcba9876543210", "batch_req_00abcdef01234567_+edcba9876543210",
            "batch_req_00abcdef01234567_fedcba9876543210_", "xbatch_req_00abcdef01234567_fedcba9876543210",
        ] {
            #expect(OutputID(text) == nil, "\(text)")
        }
    }
}
