import ModelFiles
import TestTools

/// Recipe of a small random encoder of the BERT family that needs no file. Equal recipes give equal bytes.
public struct TinyEncoder: Sendable {
    public var hidden = 64
    public var layers = 2
    public var heads = 2
    public var feedForward = 96
    public var vocabulary = 120
    public var longest = 600
    /// What stands before each name, such as `bert.`.
    public var prefix = ""
    public var seed: UInt64 = 1

    public init() {}

    /// One f32 tensor of the file.
    public struct Tensor: Sendable {
        public let name: String
        public var shape: [Int]
        public var values: [Float]

        public init(name: String, shape: [Int], values: [Float]) {
            self.name = name
            self.shape = shape
            self.values = values
        }
    }

    /// The tensors of the file, in its order. They can be changed to make files with one fault.
    public var tensors: [Tensor] {
        var random = SplitMix(seed: seed)
        var out: [Tensor] = []
        func add(_ name: String, _ shape: [Int], deviation: Float, mean: Float = 0) {
            let values = random.normal(shape.reduce(1, *), deviation: deviation).map { $0 + mean }
            out.append(Tensor(name: prefix + name, shape: shape, values: values))
        }
        func addLinear(_ name: String, _ rows: Int, _ columns: Int) {
            add(name + ".weight", [rows, columns], deviation: 1 / Float(columns).squareRoot())
            add(name + ".bias", [rows], deviation: 0.2)
        }
        func addNorm(_ name: String) {
            add(name + ".weight", [hidden], deviation: 0.2, mean: 1)
            add(name + ".bias", [hidden], deviation: 0.2)
        }
        add("embeddings.word_embeddings.weight", [vocabulary, hidden], deviation: 1)
        add("embeddings.position_embeddings.weight", [longest, hidden], deviation: 0.5)
        add("embeddings.token_type_embeddings.weight", [2, hidden], deviation: 0.5)
        addNorm("embeddings.LayerNorm")
        for layer in 0..<layers {
            let name = "encoder.layer.\(layer)."
            for part in ["query", "key", "value"] { addLinear(name + "attention.self." + part, hidden, hidden) }
            addLinear(name + "attention.output.dense", hidden, hidden)
            addNorm(name + "attention.output.LayerNorm")
            addLinear(name + "intermediate.dense", feedForward, hidden)
            addLinear(name + "output.dense", hidden, feedForward)
            addNorm(name + "output.LayerNorm")
        }
        return out
    }

    /// A safetensors file of these tensors.
    public static func bytes(_ tensors: [Tensor]) -> [UInt8] {
        var entries: [String] = []
        var data: [UInt8] = []
        for tensor in tensors {
            let start = data.count
            data += tensor.values.flatMap { littleEndian($0.bitPattern) }
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            entries.append(
                #""\#(tensor.name)":{"dtype":"F32","shape":[\#(shape)],"data_offsets":[\#(start),\#(data.count)]}"#)
        }
        let header = Array("{\(entries.joined(separator: ","))}".utf8)
        return littleEndian(UInt64(header.count)) + header + data
    }

    /// The encoder's file, read back.
    public func file() throws -> SafetensorsFile { try SafetensorsFile(bytes: Self.bytes(tensors)) }
}
