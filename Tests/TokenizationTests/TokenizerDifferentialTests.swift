import Foundation
import TestTools
import TestVocabularies
import Testing
import Tokenization

/// A real model's vocabulary with texts and the ids that others give: what Scripts/tokenizer_check.py writes.
private struct CheckFile: Decodable {
    struct Vocabulary: Decodable {
        let model: String
        let pre: String?
        let tokens: [String]
        let types: [Int32]
        let scores: [Float]?
        let merges: [String]?
        let bos: Int32?
        let eos: Int32?
        let unknown: Int32?
        let separator: Int32?
        let spacePrefix: Bool?
        let removesSpaces: Bool?
        let characterMap: [Int]?

        var description: TokenizerDescription {
            var description = TokenizerDescription(
                model: model, preTokenizer: pre ?? "(none named)", tokens: TokenTexts(tokens.map(\.utf8)),
                tokenTypes: types, scores: scores ?? [], merges: TokenTexts((merges ?? []).map(\.utf8)), bos: bos,
                eos: eos, unknown: unknown, separator: separator, addBOS: false, addEOS: false,
                addSpacePrefix: spacePrefix)
            description.removeExtraSpaces = removesSpaces
            description.characterMap = (characterMap ?? []).map { UInt8(truncatingIfNeeded: $0) }
            return description
        }
    }

    let vocabulary: Vocabulary
    /// Ids with special tokens as text.
    let vectors: [EncodingCase]
    let cases: [EncodingCase]
}

private let howToCheck: Comment =
    "needs TIDEWAY_TEST_CACHE=DIR, filled by: Scripts/tokenizer_check.py DIR MODEL.gguf (64 MB fetched)"

/// Ids against other implementations', with the vocabularies of real models.
@Suite(.enabled(if: Fixtures.hasCached("tokenizers/.done"), howToCheck))
struct TokenizerDifferentialTests {
    static let names = [
        "bert-bge", "command-r", "deepseek-coder", "deepseek-llm", "falcon", "gemma-4", "gpt-2", "llama-bpe",
        "llama-spm",
        "model", "mpt", "nomic-bert-moe", "phi-3", "qwen2", "qwen35", "refact", "starcoder",
    ]

    /// How many of the cases differ, in the modes that are compared; names the first few.
    private func differences(
        _ cases: [EncodingCase], with tokenizer: Tokenizer, asText: Bool = true, parsed: Bool = true
    ) throws -> Int {
        var failures = 0
        for item in cases {
            let plain = try asText ? tokenizer.encode(item.text, special: .asText) : item.asText
            let matched = try parsed ? tokenizer.encode(item.text, special: .parse) : item.parsed
            if plain == item.asText && matched == item.parsed { continue }
            failures += 1
            if failures <= 3 { Issue.record("\(item.text.debugDescription)") }
        }
        return failures
    }

    @Test(arguments: names)
    func idsMatchOthers(name: String) throws {
        let file: CheckFile = try Fixtures.cached("tokenizers/\(name).json")
        let tokenizer = try Tokenizer(file.vocabulary.description)
        #expect(try differences(file.vectors, with: tokenizer, parsed: false) == 0)
        #expect(file.cases.count > 100)
        // The unigram reference normalises otherwise than SentencePiece, which a GGUF file stands for, and makes control
        // tokens of text even where it does not match them.
        let isUnigram = file.vocabulary.model == "t5"
        if !isUnigram { #expect(try differences(file.cases, with: tokenizer) == 0) }
        let cache = try #require(Fixtures.cache)
        let json = try Data(contentsOf: cache.appending(path: "tokenizers/\(name).tokenizer.json"))
        let second = try Tokenizer(json: Array(json))
        #expect(try differences(file.cases, with: second, asText: !isUnigram) == 0)
        try checkSpecialTokens(tokenizer)
        try checkSpecialTokens(second)
    }

    /// No special token's text means it in text from a request.
    private func checkSpecialTokens(_ tokenizer: Tokenizer) throws {
        let unknown = Set(try tokenizer.encode("\u{10FFFD} \u{9FA4}\u{1F9FF}", special: .asText))
        for special in (0..<Int32(tokenizer.vocabularySize)).filter(tokenizer.isSpecial) {
            let text = String(decoding: tokenizer.bytes(of: special), as: UTF8.self)
            for user in [text, "x\(text)y", " \(text) \(text)\n"] {
                let ids = try tokenizer.encode(user, special: .asText)
                #expect(!ids.contains { tokenizer.isSpecial($0) && !unknown.contains($0) }, "\(user)")
            }
        }
    }
}
