import Foundation
import Tokenization

/// A vocabulary as the fixture script writes it.
struct VocabularyFixture: Decodable {
    let pre: String
    let tokens: [String]
    let types: [Int32]
    let merges: [String]
    let bos: Int32?
    let eos: Int32?

    func description(preTokenizer: String? = nil) -> TokenizerDescription {
        TokenizerDescription(
            model: "gpt2", preTokenizer: preTokenizer ?? pre, tokens: tokens.map { Array($0.utf8) }, tokenTypes: types,
            merges: merges, bos: bos, eos: eos)
    }

    /// The texts of the control tokens.
    var controlTexts: [String] { zip(tokens, types).filter { $0.1 == 3 }.map(\.0) }
}

/// A text, its ids with control tokens matched, and its ids without.
struct EncodingCase: Decodable {
    let text: String
    let parsed: [Int32]
    let asText: [Int32]

    init(from decoder: any Decoder) throws {
        var row = try decoder.unkeyedContainer()
        text = try row.decode(String.self)
        parsed = try row.decode([Int32].self)
        asText = try row.decodeIfPresent([Int32].self) ?? parsed
    }
}

/// Expected ids by pre-tokenizer.
struct EncodingFixture: Decodable {
    let vocabulary: VocabularyFixture?
    let cases: [String: [EncodingCase]]
}

enum Fixtures {
    /// The folder of the committed fixtures.
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    /// The folder of what is too large to commit; see Scripts/make_tokenizer_fixture.py.
    static let cache = ProcessInfo.processInfo.environment["TIDEWAY_TEST_CACHE"].map { URL(filePath: $0) }

    static func hasCached(_ name: String) -> Bool {
        cache.map { FileManager.default.fileExists(atPath: $0.appending(path: name).path) } ?? false
    }

    static let howToCache: String =
        "needs TIDEWAY_TEST_CACHE=DIR, filled by: Scripts/make_tokenizer_fixture.py --cache DIR --model "
        + "SmolLM2-135M-Instruct.Q4_1.gguf --random 25000"

    static func committed<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(contentsOf: folder.appending(path: name)))
    }

    static func cached<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        guard let cache else { throw CocoaError(.fileNoSuchFile) }
        return try JSONDecoder().decode(type, from: Data(contentsOf: cache.appending(path: name)))
    }

    static func smallVocabulary() throws -> VocabularyFixture {
        let fixture: EncodingFixture = try committed("small-vocabulary.json")
        guard let vocabulary = fixture.vocabulary else { throw CocoaError(.coderValueNotFound) }
        return vocabulary
    }

    static func smallTokenizer(_ preTokenizer: String = "smollm") throws -> Tokenizer {
        try Tokenizer(smallVocabulary().description(preTokenizer: preTokenizer))
    }
}
