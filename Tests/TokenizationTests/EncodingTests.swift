import TestTools
import TestVocabularies
import Testing
import Tokenization

/// Ids against the reference implementation's, from fixtures.
@Suite struct EncodingTests {
    /// Compares every case, and names the first few that differ.
    private func check(_ cases: [EncodingCase], with tokenizer: Tokenizer) throws {
        var failures = 0
        for item in cases {
            let parsed = try tokenizer.encode(item.text, special: .parse)
            let asText = try tokenizer.encode(item.text, special: .asText)
            if parsed == item.parsed && asText == item.asText { continue }
            failures += 1
            if failures <= 5 {
                #expect(parsed == item.parsed, "\(item.text.debugDescription), special tokens parsed")
                #expect(asText == item.asText, "\(item.text.debugDescription), special tokens as text")
            }
        }
        #expect(failures == 0, "\(failures) of \(cases.count) texts differ")
        #expect(!cases.isEmpty)
    }

    @Test(arguments: ["smollm", "gpt-2", "qwen2", "llama-bpe"])
    func smallVocabularyMatchesReference(preTokenizer: String) throws {
        let fixture: EncodingFixture = try Fixtures.committed("small-vocabulary.json")
        let cases = try #require(fixture.cases[preTokenizer])
        try check(cases, with: Fixtures.smallTokenizer(preTokenizer))
    }

    @Test(.enabled(if: Fixtures.hasCached("vocabulary.json"), Comment(rawValue: Fixtures.howToCache)))
    func smolLM2MatchesReference() throws {
        let vocabulary: VocabularyFixture = try Fixtures.cached("vocabulary.json")
        let fixture: EncodingFixture = try Fixtures.committed("smollm2-encode.json")
        try check(#require(fixture.cases["smollm"]), with: Tokenizer(vocabulary.description()))
    }

    @Test(.enabled(if: Fixtures.hasCached("random-smollm2.json"), Comment(rawValue: Fixtures.howToCache)))
    func smolLM2MatchesReferenceOnRandomTexts() throws {
        let vocabulary: VocabularyFixture = try Fixtures.cached("vocabulary.json")
        let fixture: EncodingFixture = try Fixtures.cached("random-smollm2.json")
        try check(#require(fixture.cases["smollm"]), with: Tokenizer(vocabulary.description()))
    }

    @Test(
        .enabled(if: Fixtures.hasCached("random-small.json"), Comment(rawValue: Fixtures.howToCache)),
        arguments: ["smollm", "gpt-2", "qwen2", "llama-bpe"])
    func everyPreTokenizerMatchesReferenceOnRandomTexts(preTokenizer: String) throws {
        let fixture: EncodingFixture = try Fixtures.cached("random-small.json")
        let vocabulary = try #require(fixture.vocabulary)
        let tokenizer = try Tokenizer(vocabulary.description(preTokenizer: preTokenizer))
        try check(#require(fixture.cases[preTokenizer]), with: tokenizer)
    }
}
