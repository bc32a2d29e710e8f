import Testing
import Tokenization

/// Files that are damaged, or that ask for what is not supported.
@Suite struct TokenizerFileTests {
    private func refusal(_ json: String) -> TokenizationError? {
        do {
            _ = try Tokenizer(json: Array(json.utf8))
            return nil
        } catch let error {
            return error
        }
    }

    /// A small file, with parts that can be replaced.
    private func file(
        normalizer: String = "null", pre: String = #"{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}"#,
        post: String = "null", decoder: String = "null", added: String = "[]",
        model: String = #"{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}"#
    ) -> String {
        #"{"added_tokens":\#(added),"normalizer":\#(normalizer),"pre_tokenizer":\#(pre),"post_processor":\#(post),"#
            + #""decoder":\#(decoder),"model":\#(model)}"#
    }

    @Test func smallFile() throws {
        let json = file(added: #"[{"id":4,"content":"<|e|>","special":true},{"id":5,"content":"aa","special":false}]"#)
        let tokenizer = try Tokenizer(json: Array(json.utf8))
        #expect(tokenizer.vocabularySize == 6)
        #expect(try tokenizer.encode("abaab<|e|>", special: .parse) == [2, 5, 1, 4])
        #expect(try tokenizer.encode("ab<|e|>", special: .asText) == [2])
        #expect(tokenizer.decode([2, 3, 4, 5]) == "abaa")
    }

    @Test func mergesMayBePairs() throws {
        let json = file(model: #"{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]}"#)
        #expect(try Tokenizer(json: Array(json.utf8)).encode("ab", special: .asText) == [2])
    }

    @Test func escapesInTexts() throws {
        let json = file(
            added: #"[{"id":3,"content":"\ud83d\ude00\t\"\\\/\u00e9\ud800","special":true}]"#)
        let tokenizer = try Tokenizer(json: Array(json.utf8))
        #expect(tokenizer.bytes(of: 3) == Array("\u{1F600}\t\"\\/\u{E9}\u{FFFD}".utf8))
    }

    @Test func namesWhatIsNotSupported() {
        let gptSplit = #"{"type":"Split","pattern":{"Regex":"a+"},"behavior":"Isolated","invert":false}"#
        let vocab = #""vocab":{"a":0},"merges":[]"#
        let cases: [(String, String)] = [
            (file(normalizer: #"{"type":"NFKC"}"#), "NFKC"),
            (file(normalizer: #"{"type":"Sequence","normalizers":[{"type":"Nmt"}]}"#), "Nmt"),
            (file(normalizer: #"{"type":"Replace","pattern":{"String":"x"},"content":"y"}"#), "'x'"),
            (file(pre: gptSplit), "a+"),
            (file(pre: #"{"type":"UnicodeScripts"}"#), "UnicodeScripts"),
            (file(pre: #"{"type":"ByteLevel","add_prefix_space":true}"#), "add_prefix_space"),
            (file(post: #"{"type":"Other"}"#), "Other"), (file(decoder: #"{"type":"CTC"}"#), "CTC"),
            (file(model: #"{"type":"WordLevel","vocab":{}}"#), "WordLevel"),
            (file(model: "{\"type\":\"BPE\",\"dropout\":0.1,\(vocab)}"), "dropout"),
            (file(model: "{\"type\":\"BPE\",\"end_of_word_suffix\":\"</w>\",\(vocab)}"), "end_of_word_suffix"),
            (file(added: #"[{"id":3,"content":"x","single_word":true}]"#), "single_word"),
        ]
        for (json, name) in cases {
            let error = refusal(json)
            #expect(error?.code == .unsupported, "\(name)")
            #expect(error?.message.contains(name) == true, "\(error?.message ?? "accepted") lacks \(name)")
        }
    }

    @Test func refusesWhatIsNoFile() {
        let whole = file()
        for json in [
            "", "{", "[]", "null", "{}", whole + "x", String(whole.dropLast()), #"{"model":{"vocab":"#,
            #"{"model": 1}"#, #"{"model":{"type":"BPE","vocab":{"a":0}}}"#, "{\"a\u{1}\":1}", #"{"model":nul}"#,
        ] {
            #expect(refusal(json) != nil, "\(json)")
        }
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(refusal(#"{"version":\#(deep),"model":{}}"#)?.code == .malformedFile)
        #expect((try? Tokenizer(json: [0x7B, 0xFF, 0x7D])) == nil)
        for end in 1..<whole.utf8.count {
            #expect((try? Tokenizer(json: Array(whole.utf8.prefix(end)))) == nil)
        }
    }

    @Test func refusesContradictions() {
        func model(_ text: String) -> TokenizationError? { refusal(file(model: text)) }
        #expect(model(#"{"type":"BPE","vocab":{},"merges":[]}"#)?.code == .invalidVocabulary)
        #expect(model(#"{"type":"BPE","vocab":{"a":9000},"merges":[]}"#)?.code == .invalidVocabulary)
        #expect(model(#"{"type":"BPE","vocab":{"a":-1},"merges":[]}"#)?.code == .malformedFile)
        #expect(model(#"{"type":"BPE","vocab":{"a":1.5},"merges":[]}"#)?.code == .malformedFile)
        #expect(model(#"{"type":"BPE","vocab":{"a":0},"merges":["a a"]}"#)?.code == .invalidVocabulary)
        #expect(model(#"{"type":"BPE","vocab":{"a":0},"merges":["aa"]}"#)?.code == .invalidVocabulary)
        #expect(model(#"{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}"#)?.code == .malformedFile)
        let processor = #"{"type":"BertProcessing","sep":["x",70],"cls":["y",0]}"#
        #expect(refusal(file(post: processor))?.code == .invalidVocabulary)
    }

    /// A character map whose replacements are not UTF-8 cannot make a text that is not.
    @Test func brokenCharacterMap() throws {
        // One trie unit a byte: 'a' leads to the replacement of a lone first byte of three.
        var map: [UInt8] = []
        func put(_ word: UInt32) { map.append(contentsOf: (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }) }
        put(256 * 4)
        var units = [UInt32](repeating: 0, count: 256)
        units[0] = 2 << 10
        units[2 ^ 0x61] = UInt32((2 ^ 0x61) ^ 128) << 10 | 1 << 8 | 0x61
        units[128] = 1 << 31
        for unit in units { put(unit) }
        map += [0xE6, 0]
        var description = TokenizerDescription(
            model: "t5", preTokenizer: "", tokens: TokenTexts(["<unk>", "b", "\u{FFFD}"].map(\.utf8)),
            tokenTypes: [2, 1, 1], scores: [0, -1, -2], merges: TokenTexts(), unknown: 0, addSpacePrefix: false)
        description.characterMap = map
        #expect(try Tokenizer(description).encode("ba", special: .asText) == [1, 2])
    }

    /// A token that is half a character is not matched within one.
    @Test func halfACharacterIsNoAddedToken() throws {
        let tokens = [Array("a".utf8), [0xC3], Array("<e>".utf8)]
        let description = TokenizerDescription(
            model: "gpt2", preTokenizer: "gpt-2", tokens: tokens, tokenTypes: [1, 4, 4], merges: [])
        #expect(try Tokenizer(description).encode("a\u{E9}a<e>", special: .asText) == [0, 0, 2])
    }
}
