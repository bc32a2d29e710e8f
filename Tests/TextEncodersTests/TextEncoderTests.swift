import CPUDevice
import ModelFiles
import Scheduling
import Testing
import TextEncoders
import TinyModels

@Suite("Text encoder")
struct TextEncoderTests {
    /// Texts of many lengths, together more rows than go through the layers at a time; one is longer than that.
    static let texts: [[TokenID]] = [1, 5, 17, 40, 2, 16, 33, 550, 100, 3, 256, 300].enumerated().map { text, count in
        (0..<count).map { (index: Int) in TokenID((index * 53 + index * index * 7 + text * 11) % 120) }
    }

    private func encoder(
        _ precision: Precision, of model: TinyEncoder = TinyEncoder(), portable: Bool = false, threads: Int = 1
    ) throws -> TextEncoder {
        try TextEncoder(
            model.file(), configuration: EncoderConfiguration(model), precision: precision, portableKernels: portable,
            threads: threads)
    }

    @Test("agrees with the definition", arguments: [(64, 2), (96, 6), (128, 2)])
    func definition(hidden: Int, heads: Int) throws {
        var model = TinyEncoder()
        (model.hidden, model.heads, model.seed) = (hidden, heads, UInt64(hidden))
        let reference = ReferenceEncoder(model, epsilon: 1e-12)
        let texts = Self.texts.filter { $0.count <= 40 }
        let exact = texts.map(reference.embed)
        let floats = try encoder(.f32, of: model).embed(texts)
        let bytes = try encoder(.int8, of: model).embed(texts)
        for (index, text) in texts.enumerated() {
            for (value, expected) in zip(floats[index], exact[index]) {
                #expect(abs(Double(value) - expected) < 2e-5, "\(text.count) tokens: \(value), not \(expected)")
            }
            let near = cosine(bytes[index].map(Double.init), exact[index])
            #expect(near > 0.9995 && near < 1, "\(text.count) tokens: cosine \(near)")
        }
    }

    @Test("a text's bits do not depend on the texts beside it", arguments: Precision.allCases)
    func batches(precision: Precision) throws {
        let encoder = try encoder(precision)
        let together = try encoder.embed(Self.texts)
        let apart = try Self.texts.map { try encoder.embed([$0])[0] }
        let backwards = try encoder.embed(Self.texts.reversed())
        for index in Self.texts.indices {
            #expect(together[index].bits == apart[index].bits, "text \(index)")
            #expect(together[index].bits == backwards[Self.texts.count - 1 - index].bits, "text \(index)")
        }
        #expect(Set(together.map(\.bits)).count == Self.texts.count)
        #expect(try encoder.embed([]).isEmpty)
    }

    @Test("the same bits for any kernels and threads", arguments: Precision.allCases)
    func sameBits(precision: Precision) throws {
        let texts = Self.texts.filter { $0.count <= 100 }
        let expected = try encoder(precision).embed(texts).map(\.bits)
        for portable in [false, true] {
            for threads in 1...3 {
                let other = try encoder(precision, portable: portable, threads: threads).embed(texts)
                #expect(other.map(\.bits) == expected, "portable \(portable), \(threads) threads")
            }
        }
    }

    @Test("names with a leading 'bert.', and tensors that hidden states do without")
    func names() throws {
        var nested = TinyEncoder()
        nested.prefix = "bert."
        var tensors = nested.tensors
        tensors.append(.init(name: "bert.pooler.dense.weight", shape: [1], values: [1]))
        tensors.append(.init(name: "bert.embeddings.position_ids", shape: [1], values: [1]))
        let file = try SafetensorsFile(bytes: TinyEncoder.bytes(tensors))
        let other = try TextEncoder(file, configuration: EncoderConfiguration(nested))
        let texts = Array(Self.texts[..<3])
        #expect(try other.embed(texts) == encoder(.f32).embed(texts))
    }

    @Test("what cannot be embedded is refused, with the limit and the value")
    func badTexts() throws {
        let encoder = try encoder(.f32)
        let cases: [([TokenID], String)] = [
            ([], "text 1 has 0 tokens; the model takes 1...600"),
            (Array(repeating: 1, count: 601), "text 1 has 601 tokens; the model takes 1...600"),
            ([5, 120], "token 120 at position 1 of text 1 is not in 0..<120"),
            ([-1], "token -1 at position 0 of text 1 is not in 0..<120"),
        ]
        for (text, message) in cases {
            let error = #expect(throws: DeviceError.self) { try encoder.embed([[1], text]) }
            #expect(error?.message == message)
        }
    }
}

extension EncoderConfiguration {
    /// That of a tiny encoder.
    init(_ model: TinyEncoder) throws {
        try self.init(
            hidden: model.hidden, layers: model.layers, heads: model.heads, feedForward: model.feedForward,
            vocabulary: model.vocabulary, longest: model.longest, epsilon: 1e-12)
    }
}

extension Array where Element == Float {
    fileprivate var bits: [UInt32] { map(\.bitPattern) }
}
