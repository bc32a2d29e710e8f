/// Writes small GGUF files. Every field can be set to something wrong.
struct GGUFWriter {
    struct Entry {
        var key: [UInt8]
        var type: UInt32
        var value: [UInt8]
    }

    struct Tensor {
        var name: [UInt8]
        var shape: [UInt64]
        var dimensionCount: UInt32
        var type: UInt32
        var offset: UInt64
        var data: [UInt8]
    }

    var magic: [UInt8] = Array("GGUF".utf8)
    var version: UInt32 = 3
    var alignment = 32
    var entries: [Entry] = []
    var tensors: [Tensor] = []
    /// What the header says, where it is not to tell the truth.
    var announcedEntries: UInt64?
    var announcedTensors: UInt64?
    /// Where the next tensor goes.
    private var end = 0

    mutating func add(_ key: String, _ type: UInt32, _ body: (inout ByteWriter) -> Void) {
        entries.append(Entry(key: Array(key.utf8), type: type, value: ByteWriter.bytes(body)))
    }

    mutating func add(_ key: String, string: String) {
        add(key, 8) { $0.put(string: Array(string.utf8)) }
    }

    mutating func add(_ key: String, uint32: UInt32) {
        add(key, 4) { $0.put(uint32) }
    }

    mutating func add(_ key: String, strings: [String]) {
        add(key, arrayOf: 8, count: strings.count) { writer in
            for string in strings { writer.put(string: Array(string.utf8)) }
        }
    }

    mutating func add(_ key: String, int32s: [Int32]) {
        add(key, arrayOf: 5, count: int32s.count) { writer in
            for number in int32s { writer.put(number) }
        }
    }

    mutating func add(_ key: String, floats: [Float]) {
        add(key, arrayOf: 6, count: floats.count) { writer in
            for number in floats { writer.put(number) }
        }
    }

    mutating func add(_ key: String, arrayOf element: UInt32, count: Int, _ body: (inout ByteWriter) -> Void) {
        add(key, 9) { writer in
            writer.put(element)
            writer.put(UInt64(count))
            body(&writer)
        }
    }

    /// Adds a tensor behind the ones that are there, at the next aligned place.
    mutating func addTensor(_ name: String, shape: [UInt64], type: UInt32 = 0, data: [UInt8]) {
        tensors.append(
            Tensor(
                name: Array(name.utf8), shape: shape, dimensionCount: UInt32(shape.count), type: type,
                offset: UInt64(end), data: data))
        end = (end + data.count + alignment - 1) / alignment * alignment
    }

    /// The header alone, without the padding before the tensor data.
    var header: [UInt8] {
        ByteWriter.bytes { writer in
            writer.bytes.append(contentsOf: magic)
            writer.put(version)
            writer.put(announcedTensors ?? UInt64(tensors.count))
            writer.put(announcedEntries ?? UInt64(entries.count))
            for entry in entries {
                writer.put(string: entry.key)
                writer.put(entry.type)
                writer.bytes.append(contentsOf: entry.value)
            }
            for tensor in tensors {
                writer.put(string: tensor.name)
                writer.put(tensor.dimensionCount)
                for dimension in tensor.shape { writer.put(dimension) }
                writer.put(tensor.type)
                writer.put(tensor.offset)
            }
        }
    }

    /// The whole file.
    var bytes: [UInt8] {
        var bytes = header
        for tensor in tensors {
            bytes.append(contentsOf: [UInt8](repeating: 0, count: (alignment - bytes.count % alignment) % alignment))
            bytes.append(contentsOf: tensor.data)
        }
        return bytes
    }
}

extension GGUFWriter {
    /// A small file without fault: a vocabulary of four tokens, an alignment, and three tensors.
    static var valid: GGUFWriter {
        var writer = GGUFWriter()
        writer.add("general.architecture", string: "llama")
        writer.add("general.alignment", uint32: 32)
        writer.add("tokenizer.ggml.model", string: "gpt2")
        writer.add("tokenizer.ggml.tokens", strings: ["<end>", "a", "b", "ab"])
        writer.add("tokenizer.ggml.token_type", int32s: [3, 1, 1, 1])
        writer.add("tokenizer.ggml.scores", floats: [0, -1, -2, -3])
        writer.add("tokenizer.ggml.merges", strings: ["a b"])
        writer.add("tokenizer.ggml.eos_token_id", uint32: 0)
        writer.add("tokenizer.ggml.add_bos_token", 7) { $0.put(UInt8(0)) }
        let ramp = ByteWriter.bytes { writer in
            for index in 0..<12 { writer.put(Float(index)) }
        }
        writer.addTensor("ramp", shape: [4, 3], data: ramp)
        let block = [UInt8](0..<34)
        writer.addTensor("quants", shape: [32, 1], type: 8, data: block)
        writer.addTensor("last", shape: [2], data: [UInt8](repeating: 0, count: 8))
        return writer
    }

    /// The valid file after `change`.
    static func changed(_ change: (inout GGUFWriter) -> Void) -> [UInt8] {
        var writer = valid
        change(&writer)
        return writer.bytes
    }

    /// The value of the valid file's `key` replaced.
    mutating func replace(_ key: String, _ change: (inout GGUFWriter) -> Void) {
        entries.removeAll { $0.key == Array(key.utf8) }
        change(&self)
    }
}
