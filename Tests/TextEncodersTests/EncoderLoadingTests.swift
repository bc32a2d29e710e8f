import CPUDevice
import ModelFiles
import Testing
import TextEncoders
import TinyModels

@Suite("Encoders that cannot be loaded")
struct EncoderLoadingTests {
    /// Every size of a configuration that works, in the order of the initialiser.
    private static let sizes = [64, 2, 2, 96, 120, 600]

    private func configuration(
        _ sizes: [Int], epsilon: Float = 1e-12, activation: String = "gelu"
    ) throws -> EncoderConfiguration {
        try EncoderConfiguration(
            hidden: sizes[0], layers: sizes[1], heads: sizes[2], feedForward: sizes[3], vocabulary: sizes[4],
            longest: sizes[5], epsilon: epsilon, activation: activation)
    }

    @Test("sizes that cannot be are named", arguments: 0..<6)
    func sizes(place: Int) throws {
        for value in [0, -1, Int.max, Int.min] {
            var sizes = Self.sizes
            sizes[place] = value
            let error = #expect(throws: DeviceError.self) { try configuration(sizes) }
            #expect(error?.code == .badConfiguration)
            #expect(error?.message.contains("is \(value); it must lie in 1...") ?? false, "\(error?.message ?? "")")
        }
    }

    @Test("widths that the kernels do not compute with, other norms and activations")
    func others() throws {
        #expect(try configuration(Self.sizes).headDim == 32)
        let cases: [(sizes: [Int], epsilon: Float, activation: String, message: String)] = [
            ([72, 2, 2, 96, 120, 600], 0, "gelu", "the hidden width is 72; it must be a multiple of 32"),
            ([64, 2, 2, 100, 120, 600], 0, "gelu", "the feed-forward width is 100; it must be a multiple of 32"),
            (
                [64, 2, 3, 96, 120, 600], 0, "gelu",
                "the hidden width is 64 and there are 3 heads; each head's width must be a multiple of 16"
            ),
            (
                [64, 2, 8, 96, 120, 600], 0, "gelu",
                "the hidden width is 64 and there are 8 heads; each head's width must be a multiple of 16"
            ),
            (Self.sizes, 1, "gelu", "the norm epsilon is 1.0; it must lie in 0..<1"),
            (Self.sizes, .nan, "gelu", "the norm epsilon is nan; it must lie in 0..<1"),
            (Self.sizes, 0, "relu", "the activation is 'relu'; the one that is supported is 'gelu'"),
        ]
        for (sizes, epsilon, activation, message) in cases {
            let error = #expect(throws: DeviceError.self) {
                try configuration(sizes, epsilon: epsilon, activation: activation)
            }
            #expect(error?.message == message)
        }
    }

    @Test("tensors that are missing, of another shape, or too many are named")
    func tensors() throws {
        let model = TinyEncoder()
        let name = "encoder.layer.1.output.dense.bias"
        func load(_ change: (inout [TinyEncoder.Tensor]) -> Void) throws {
            var tensors = model.tensors
            change(&tensors)
            let file = try SafetensorsFile(bytes: TinyEncoder.bytes(tensors))
            _ = try TextEncoder(file, configuration: EncoderConfiguration(model))
        }
        let missing = #expect(throws: ModelFileError.self) { try load { $0.removeAll { $0.name == name } } }
        #expect(missing?.code == .missingTensor && missing?.message.contains(name) ?? false)
        let short = #expect(throws: DeviceError.self) {
            try load { tensors in
                for index in tensors.indices where tensors[index].name == name {
                    tensors[index].shape = [63]
                    tensors[index].values.removeLast()
                }
            }
        }
        #expect(short?.message == "'\(name)' has shape [63]; the model's sizes ask for [64]")
        let extra = #expect(throws: DeviceError.self) {
            try load { $0.append(.init(name: "encoder.layer.2.new", shape: [1], values: [0])) }
        }
        #expect(
            extra?.message == "1 tensors are not used by the BERT family, the first is 'encoder.layer.2.new'"
                && extra?.code == .unsupportedFeature)
        let types = #expect(throws: DeviceError.self) {
            try load { tensors in
                for index in tensors.indices where tensors[index].name.contains("token_type") {
                    tensors[index].shape = [0, 64]
                    tensors[index].values = []
                }
            }
        }
        #expect(types?.message.hasSuffix("has shape [0, 64]; the model's sizes ask for [any, 64]") ?? false)
    }

    @Test("a team of nobody")
    func threads() throws {
        let model = TinyEncoder()
        let error = #expect(throws: DeviceError.self) {
            try TextEncoder(model.file(), configuration: EncoderConfiguration(model), threads: 0)
        }
        #expect(error?.message == "0 threads were asked for; at least 1 is needed")
    }
}
