import ModelFiles

/// Puts a GGUF file together in memory. Entries can be replaced and taken out, to make files with one fault.
public struct GGUFBuilder: Sendable {
    /// The value of a metadata key.
    public enum Value: Sendable {
        case string(String)
        case integer(UInt32)
        case float(Float)
        case strings([String])
        case integers([Int32])
    }

    /// One tensor: its shape in the file's order (row length first), and its stored bytes.
    public struct Tensor: Sendable {
        public var shape: [Int]
        public var type: TensorType
        public var bytes: [UInt8]

        public init(shape: [Int], type: TensorType, bytes: [UInt8]) {
            self.shape = shape
            self.type = type
            self.bytes = bytes
        }

        /// A tensor of f32 values.
        public init(shape: [Int], floats: [Float]) {
            self.init(shape: shape, type: .f32, bytes: floats.flatMap { littleEndian($0.bitPattern) })
        }
    }

    private var entries: [(key: String, value: Value)] = []
    private var tensors: [(name: String, tensor: Tensor)] = []

    public init() {}

    /// The value of a metadata key; nil takes it out.
    public subscript(key: String) -> Value? {
        get { entries.first { $0.key == key }?.value }
        set {
            let place = entries.firstIndex { $0.key == key }
            if let place { entries.remove(at: place) }
            if let newValue { entries.insert((key, newValue), at: place ?? entries.count) }
        }
    }

    /// A tensor by name; nil takes it out.
    public subscript(tensor name: String) -> Tensor? {
        get { tensors.first { $0.name == name }?.tensor }
        set {
            let place = tensors.firstIndex { $0.name == name }
            if let place { tensors.remove(at: place) }
            if let newValue { tensors.insert((name, newValue), at: place ?? tensors.count) }
        }
    }

    /// The file, read back as a checkpoint.
    public func checkpoint() throws -> GGUFCheckpoint { GGUFCheckpoint(try GGUFFile(bytes: bytes)) }

    /// The whole file.
    public var bytes: [UInt8] {
        var out = Array("GGUF".utf8) + littleEndian(UInt32(3))
        out += littleEndian(UInt64(tensors.count)) + littleEndian(UInt64(entries.count))
        for (key, value) in entries {
            out += text(key)
            switch value {
            case .integer(let number): out += littleEndian(UInt32(4)) + littleEndian(number)
            case .float(let number): out += littleEndian(UInt32(6)) + littleEndian(number.bitPattern)
            case .string(let string): out += littleEndian(UInt32(8)) + text(string)
            case .strings(let strings): out += array(of: 8, strings.count) + strings.flatMap(text)
            case .integers(let numbers): out += array(of: 5, numbers.count) + numbers.flatMap { littleEndian($0) }
            }
        }
        var offset = 0
        for (name, tensor) in tensors {
            out += text(name) + littleEndian(UInt32(tensor.shape.count))
            for dimension in tensor.shape { out += littleEndian(UInt64(dimension)) }
            out += littleEndian(tensor.type.rawValue) + littleEndian(UInt64(offset))
            offset = (offset + tensor.bytes.count + 31) / 32 * 32
        }
        for (_, tensor) in tensors {
            out += [UInt8](repeating: 0, count: (32 - out.count % 32) % 32)
            out += tensor.bytes
        }
        return out
    }

    /// The head of an array of elements of this type.
    private func array(of type: UInt32, _ count: Int) -> [UInt8] {
        littleEndian(UInt32(9)) + littleEndian(type) + littleEndian(UInt64(count))
    }

    private func text(_ string: String) -> [UInt8] { littleEndian(UInt64(string.utf8.count)) + Array(string.utf8) }
}

/// The bytes of a number, lowest first.
func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
}
