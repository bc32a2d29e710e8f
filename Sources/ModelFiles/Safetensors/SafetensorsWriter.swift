/// Builds the bytes of a safetensors file: equal contents give equal bytes.
public struct SafetensorsWriter: Sendable {
    private let metadata: [(name: String, text: String)]
    private var entries: [(name: String, shape: [Int], bytes: Range<Int>)] = []
    private var data: [UInt8] = []

    /// - Parameter metadata: texts that the header keeps under `__metadata__`.
    public init(metadata: [String: String] = [:]) {
        // Sorted, because a dictionary has no order.
        self.metadata = metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Adds a tensor of type `F32` after the earlier ones.
    ///
    /// - Parameter shape: the dimensions, the last one varying fastest; none for a single number.
    /// - Precondition: the shape's product is the number of numbers, and no tensor has the name yet.
    public mutating func add(_ name: String, shape: [Int], _ numbers: [Float]) {
        let count = shape.contains(0) ? 0 : CheckedSize.product(shape)
        precondition(count == numbers.count, "\(numbers.count) numbers for a tensor of the shape \(shape)")
        precondition(
            name != "__metadata__" && !entries.contains { $0.name == name }, "tensor \(quoted(name)) stands twice")
        let start = data.count
        data.reserveCapacity(start + numbers.count * 4)
        for number in numbers {
            withUnsafeBytes(of: number.bitPattern.littleEndian) { data.append(contentsOf: $0) }
        }
        entries.append((name, shape, start..<data.count))
    }

    /// The bytes of the file. The header is padded with blanks, so that the data begin at a multiple of 8.
    public var bytes: [UInt8] {
        var members: [String] = []
        if !metadata.isEmpty {
            let texts = metadata.map { "\(Self.literal($0.name)):\(Self.literal($0.text))" }
            members.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
        }
        for entry in entries {
            let shape = entry.shape.map { "\($0)" }.joined(separator: ",")
            members.append(
                "\(Self.literal(entry.name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(entry.bytes.lowerBound),\(entry.bytes.upperBound)]}")
        }
        var header = Array("{\(members.joined(separator: ","))}".utf8)
        header += repeatElement(UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
        return length + header + data
    }

    /// The text as a JSON string.
    private static func literal(_ text: String) -> String {
        var literal = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": literal += "\\\""
            case "\\": literal += "\\\\"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                literal += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: literal.unicodeScalars.append(scalar)
            }
        }
        return literal + "\""
    }
}
