import CPUDevice
import Foundation
import LengthPrediction
import OpenAIProtocol
import Platform
import Scheduling
import Testing

/// all-MiniLM-L6-v2 against embeddings that NumPy computed in f64 from the same file (Scripts/oracle/embed_numpy.py).
@Suite(
    "Embeddings against NumPy",
    .enabled(
        if: EncoderOracle.isThere,
        "TIDEWAY_TEST_CACHE names no folder with all-MiniLM-L6-v2 and oracle/minilm.json; `make test` sets it"))
struct EncoderOracleTests {
    /// Rounding to 8 bits leaves a cosine of 0.998 to 0.9998; f32, the default, loses next to nothing.
    static let least: [(Precision, Double)] = [(.f32, 0.999_999_9), (.int8, 0.997)]

    @Test("the same tokens, and vectors within a cosine", arguments: least)
    func agrees(precision: Precision, limit: Double) throws {
        let oracle = try EncoderOracle()
        let model = try EmbeddingModel(
            folder: EncoderOracle.folder, precision: precision, threads: min(2, Processors.available.count))
        for (text, tokens) in zip(oracle.texts, oracle.tokens) {
            #expect(try model.tokens(text) == tokens, "\(text.prefix(60))")
        }
        let vectors = try model.embed(oracle.texts)
        var least = 1.0
        for (index, vector) in vectors.enumerated() {
            let near = zip(vector, oracle.embeddings[index]).reduce(0) { $0 + Double($1.0) * $1.1 }
            least = min(least, near)
            #expect(near >= limit, "\(oracle.texts[index].prefix(60)): \(near)")
        }
        print("all-MiniLM-L6-v2, \(precision): least cosine \(least) over \(vectors.count) texts")
    }
}

/// Texts with their tokens and unit vectors.
struct EncoderOracle {
    static let cache = ProcessInfo.processInfo.environment["TIDEWAY_TEST_CACHE"] ?? "(no TIDEWAY_TEST_CACHE)"
    static let folder = cache + "/all-MiniLM-L6-v2"
    private static let file = cache + "/oracle/minilm.json"
    static var isThere: Bool {
        [folder + "/model.safetensors", file].allSatisfy { FileManager.default.fileExists(atPath: $0) }
    }

    let texts: [String]
    let tokens: [[TokenID]]
    let embeddings: [[Double]]

    init() throws {
        let json = try JSONParser.parse([UInt8](Data(contentsOf: URL(fileURLWithPath: Self.file))))
        func lists<Element>(_ key: String, _ read: (JSONValue) -> Element?) -> [[Element]] {
            (json[key]?.elements ?? []).map { ($0.elements ?? []).compactMap(read) }
        }
        texts = (json["texts"]?.elements ?? []).compactMap(\.string)
        tokens = lists("tokens") { $0.integer.flatMap { TokenID(exactly: $0) } }
        embeddings = lists("embeddings", \.number)
        try #require(texts.count > 30 && texts.count == tokens.count && texts.count == embeddings.count)
        try #require(embeddings.allSatisfy { $0.count == 384 })
    }
}
