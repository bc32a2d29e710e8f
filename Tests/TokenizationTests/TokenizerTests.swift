import TestTools
import TestVocabularies
import Testing
import Tokenization

@Suite struct TokenizerTests {
    private let vocabulary: VocabularyFixture
    private let tokenizer: Tokenizer

    init() throws {
        vocabulary = try Fixtures.smallVocabulary()
        tokenizer = try Tokenizer(vocabulary.description(preTokenizer: "smollm"))
    }

    private func id(_ text: String) throws -> Int32 { try Int32(#require(vocabulary.tokens.firstIndex(of: text))) }

    // MARK: - Descriptions that are refused

    private func refusal(_ change: (inout TokenizerDescription) -> Void) -> TokenizationError? {
        var description = vocabulary.description()
        change(&description)
        do {
            _ = try Tokenizer(description)
            return nil
        } catch let error {
            return error
        }
    }

    @Test func namesWhatIsNotSupported() throws {
        let model = try #require(refusal { $0.model = "rwkv" })
        #expect(model.code == .unsupported)
        #expect(model.message.contains("'rwkv'") && model.message.contains("gpt2"))
        let rule = try #require(refusal { $0.preTokenizer = "tekken" })
        #expect(rule.code == .unsupported)
        #expect(rule.message.contains("'tekken'"))
        for name in ["smollm", "gpt-2", "qwen2", "llama-bpe"] { #expect(rule.message.contains(name)) }
        #expect(refusal { $0.addSpacePrefix = true }?.code == .unsupported)
        #expect(refusal { _ in } == nil)
    }

    @Test func refusesContradictions() {
        let count = Int32(vocabulary.tokens.count)
        #expect(refusal { $0.tokens = TokenTexts() }?.code == .invalidVocabulary)
        #expect(refusal { $0.tokenTypes.removeLast() }?.code == .invalidVocabulary)
        #expect(refusal { $0.tokenTypes[0] = 7 }?.code == .invalidVocabulary)
        #expect(refusal { $0.eos = count }?.code == .invalidVocabulary)
        #expect(refusal { $0.padding = -1 }?.code == .invalidVocabulary)
        #expect(
            refusal {
                $0.bos = nil
                $0.addBOS = true
            }?.code == .invalidVocabulary)
        for merge in ["", " ", "a", "a ", " a", "a b c", "qq zz", "\u{4e00} a", "<|im_end|> a"] {
            #expect(refusal { $0.merges.append(merge.utf8) }?.code == .invalidVocabulary, "merge '\(merge)'")
        }
        #expect(refusal { $0.tokenTypes = [] } == nil)
    }

    // MARK: - Special tokens

    @Test func controlTokensAreKnown() throws {
        let end = try id("<|im_end|>")
        #expect(tokenizer.isSpecial(end))
        #expect(tokenizer.bytes(of: end) == Array("<|im_end|>".utf8))
        #expect(tokenizer.endOfGeneration == [end])
        let think = try id("<think>")
        #expect(!tokenizer.isSpecial(think))
        #expect(tokenizer.decode([think, end]) == "<think>")
        for outside in [-1, Int32(tokenizer.vocabularySize), .min, .max] {
            #expect(!tokenizer.isSpecial(outside))
            #expect(tokenizer.bytes(of: outside).isEmpty)
        }
    }

    @Test(arguments: ["smollm", "gpt-2", "qwen2", "llama-bpe"])
    func userTextNeverBecomesASpecialToken(preTokenizer: String) throws {
        let tokenizer = try Tokenizer(vocabulary.description(preTokenizer: preTokenizer))
        for special in vocabulary.controlTexts {
            for text in [special, special + special, "x\(special)y", " \(special) ", "<\(special)>", "\n\(special)\n1"]
            {
                let plain = try tokenizer.encode(text, special: .asText)
                #expect(!plain.contains(where: tokenizer.isSpecial), "\(text.debugDescription)")
                #expect(tokenizer.decode(plain) == text)
                let parts = [
                    TextSegment(text: "a ", isUserText: false), TextSegment(text: text, isUserText: true),
                    TextSegment(text: "<|im_end|>", isUserText: false),
                ]
                let ids = try tokenizer.encode(segments: parts)
                #expect(ids.firstIndex(where: tokenizer.isSpecial) == ids.count - 1)
                #expect(try ids.last == id("<|im_end|>"))
                #expect(tokenizer.decode(ids) == "a " + text)
            }
        }
    }

    @Test(.enabled(if: Fixtures.hasCached("vocabulary.json"), Comment(rawValue: Fixtures.howToCache)))
    func userTextNeverBecomesASpecialTokenOfSmolLM2() throws {
        let vocabulary: VocabularyFixture = try Fixtures.cached("vocabulary.json")
        let tokenizer = try Tokenizer(vocabulary.description())
        #expect(vocabulary.controlTexts.count == 17)
        #expect(tokenizer.endOfGeneration == [0, 2])
        for special in vocabulary.controlTexts {
            for text in [special, "x\(special) y", special + "\n" + special] {
                let ids = try tokenizer.encode(text, special: .asText)
                #expect(!ids.contains(where: tokenizer.isSpecial))
                #expect(tokenizer.decode(ids) == text)
                #expect(try tokenizer.encode(text, special: .parse).contains(where: tokenizer.isSpecial))
            }
        }
    }

    @Test func noMatchAcrossABorder() throws {
        for cut in 1..<"<|im_end|>".count {
            let text = "<|im_end|>"
            for isUserFirst in [true, false] {
                let ids = try tokenizer.encode(segments: [
                    TextSegment(text: String(text.prefix(cut)), isUserText: isUserFirst),
                    TextSegment(text: String(text.dropFirst(cut)), isUserText: !isUserFirst),
                ])
                #expect(try ids == tokenizer.encode(text, special: .asText))
            }
            let ids = try tokenizer.encode(segments: [
                TextSegment(text: String(text.prefix(cut)), isUserText: false),
                TextSegment(text: "", isUserText: true),
                TextSegment(text: String(text.dropFirst(cut)), isUserText: false),
            ])
            #expect(try ids == [id("<|im_end|>")])
        }
    }

    /// The longest control token within the template wins, a shorter one if the longer would reach into user text.
    @Test func longestMatchWithinTheTemplate() throws {
        let long = try id("<|im_end|>\n")
        #expect(try tokenizer.encode("<|im_end|>\n", special: .parse) == [long])
        let ids = try tokenizer.encode(segments: [
            TextSegment(text: "<|im_end|>", isUserText: false), TextSegment(text: "\n", isUserText: true),
        ])
        #expect(try ids == [id("<|im_end|>")] + tokenizer.encode("\n", special: .asText))
    }

    // MARK: - Segments

    @Test(arguments: ["smollm", "gpt-2", "qwen2", "llama-bpe"])
    func segmentsEncodeAsOneText(preTokenizer: String) throws {
        let tokenizer = try Tokenizer(vocabulary.description(preTokenizer: preTokenizer))
        let fixture: EncodingFixture = try Fixtures.committed("small-vocabulary.json")
        var random = SplitMix(seed: 7)
        for item in try #require(fixture.cases[preTokenizer]) {
            var segments: [TextSegment] = []
            var rest = item.text.unicodeScalars[...]
            while !rest.isEmpty {
                let part = rest.prefix(Int.random(in: 0...5, using: &random))
                rest = rest.dropFirst(part.count)
                segments.append(TextSegment(text: String(part), isUserText: Bool.random(using: &random)))
            }
            if item.parsed == item.asText {
                #expect(try tokenizer.encode(segments: segments) == item.parsed, "\(item.text.debugDescription)")
            }
            for index in segments.indices { segments[index].isUserText = false }
            #expect(try tokenizer.encode(segments: segments) == item.parsed)
            for index in segments.indices { segments[index].isUserText = true }
            #expect(try tokenizer.encode(segments: segments) == item.asText)
        }
    }

    @Test func sequenceTokensAreAddedWhereTheModelAsks() throws {
        var description = vocabulary.description()
        description.addBOS = true
        description.addEOS = true
        let tokenizer = try Tokenizer(description)
        let (bos, eos) = try (id("<|begin|>"), id("<|im_end|>"))
        let plain = try tokenizer.encode("tide", special: .parse)
        #expect(!plain.contains(bos))
        #expect(try tokenizer.encode("tide", special: .parse, addingSequenceTokens: true) == [bos] + plain + [eos])
        let begun = try tokenizer.encode("<|begin|>tide", special: .parse, addingSequenceTokens: true)
        #expect(begun == [bos] + plain + [eos])
        let quoted = try tokenizer.encode("<|begin|>", special: .asText, addingSequenceTokens: true)
        #expect(quoted.count > 3 && quoted.first == bos)
        #expect(try self.tokenizer.encode("tide", special: .parse, addingSequenceTokens: true) == plain)
    }

    // MARK: - Bytes

    @Test func bytesAreCheckedAndComeBack() throws {
        #expect(tokenizer.unencodableBytes.isEmpty)
        let every = String(String.UnicodeScalarView((1...0x2FF).compactMap { Unicode.Scalar($0) }))
        let ids = try tokenizer.encode(utf8: Array(every.utf8), special: .parse)
        #expect(ids.flatMap { tokenizer.bytes(of: $0) } == Array(every.utf8))
        for invalid: [UInt8] in [[0xFF], [0x61, 0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF5, 0x80, 0x80, 0x80]] {
            #expect(throws: TokenizationError.self) { try tokenizer.encode(utf8: invalid, special: .parse) }
        }
        #expect(try tokenizer.encode("", special: .parse).isEmpty)
        #expect(try tokenizer.encode(segments: []).isEmpty)
    }

    /// Bytes that a vocabulary lacks vanish, and merges reach across the gap, as in the reference.
    @Test func missingBytesVanish() throws {
        var description = vocabulary.description(preTokenizer: "gpt-2")
        let texts = vocabulary.tokens.map { $0 == "Ā" ? "unused" : $0 }
        #expect(texts != vocabulary.tokens)
        description.tokens = TokenTexts(texts.map(\.utf8))
        let tokenizer = try Tokenizer(description)
        #expect(tokenizer.unencodableBytes == [0])
        #expect(try tokenizer.encode("\0\u{1}", special: .parse) == tokenizer.encode("\u{1}", special: .parse))
    }

    /// A word of any length takes the heap; its tokens are those of the scan on short words.
    @Test func longWordsMergeAsShortOnesDo() throws {
        let tokenizer = try Fixtures.smallTokenizer("qwen2")
        for unit in ["ab", "tide", "the", "\u{6d77}", "-"] {
            // Merges of this vocabulary reach across the unit's borders nowhere, or everywhere alike.
            let short = try tokenizer.encode(String(repeating: unit, count: 8), special: .parse)
            let long = try tokenizer.encode(String(repeating: unit, count: 80_000), special: .parse)
            #expect(long.count == short.count * 10_000, "\(unit)")
            #expect(long.prefix(short.count).elementsEqual(short))
            #expect(tokenizer.decode(long) == String(repeating: unit, count: 80_000))
        }
    }
}
