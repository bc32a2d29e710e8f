import Foundation
import TestTools
import Tokenization

/// A vocabulary as the fixture script writes it.
public struct VocabularyFixture: Decodable, Sendable {
    public let pre: String
    public let tokens: [String]
    public let types: [Int32]
    public let merges: [String]
    public let bos: Int32?
    public let eos: Int32?

    public func description(preTokenizer: String? = nil) -> TokenizerDescription {
        TokenizerDescription(
            model: "gpt2", preTokenizer: preTokenizer ?? pre, tokens: tokens.map { Array($0.utf8) }, tokenTypes: types,
            merges: merges, bos: bos, eos: eos)
    }

    /// The texts of the control tokens.
    public var controlTexts: [String] { zip(tokens, types).filter { $0.1 == 3 }.map(\.0) }
}

/// A text, its ids with control tokens matched, and its ids without.
public struct EncodingCase: Decodable, Sendable {
    public let text: String
    public let parsed: [Int32]
    public let asText: [Int32]

    public init(from decoder: any Decoder) throws {
        var row = try decoder.unkeyedContainer()
        text = try row.decode(String.self)
        parsed = try row.decode([Int32].self)
        asText = try row.decodeIfPresent([Int32].self) ?? parsed
    }
}

/// Expected ids by pre-tokenizer.
public struct EncodingFixture: Decodable, Sendable {
    public let vocabulary: VocabularyFixture?
    public let cases: [String: [EncodingCase]]
}

extension Fixtures {
    public static let howToCache: String =
        "needs TIDEWAY_TEST_CACHE=DIR, filled by: Scripts/make_tokenizer_fixture.py --cache DIR --model "
        + "SmolLM2-135M-Instruct.Q4_1.gguf --random 25000"

    /// The small vocabulary, committed with the tokenizer's tests.
    public static func smallVocabulary() throws -> VocabularyFixture {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().path
        let fixture: EncodingFixture = try committed("small-vocabulary.json", beside: tests)
        guard let vocabulary = fixture.vocabulary else { throw CocoaError(.coderValueNotFound) }
        return vocabulary
    }

    public static func smallTokenizer(_ preTokenizer: String = "smollm") throws -> Tokenizer {
        try Tokenizer(smallVocabulary().description(preTokenizer: preTokenizer))
    }
}
