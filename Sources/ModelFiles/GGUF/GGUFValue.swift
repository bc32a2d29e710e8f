/// The type of a metadata value or of the elements of a metadata array. The raw value is the number in the file.
enum GGUFValueType: UInt32, Sendable, CustomStringConvertible {
    case uint8 = 0
    case int8 = 1
    case uint16 = 2
    case int16 = 3
    case uint32 = 4
    case int32 = 5
    case float32 = 6
    case bool = 7
    case string = 8
    case array = 9
    case uint64 = 10
    case int64 = 11
    case float64 = 12

    /// The type's name, such as `uint32`.
    var description: String {
        switch self {
        case .uint8: "uint8"
        case .int8: "int8"
        case .uint16: "uint16"
        case .int16: "int16"
        case .uint32: "uint32"
        case .int32: "int32"
        case .float32: "float32"
        case .bool: "bool"
        case .string: "string"
        case .array: "array"
        case .uint64: "uint64"
        case .int64: "int64"
        case .float64: "float64"
        }
    }

    /// Whether values of this type are whole numbers.
    var isInteger: Bool {
        switch self {
        case .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64: true
        case .float32, .float64, .bool, .string, .array: false
        }
    }

    /// The bytes that a value takes; for a string, the fewest that it can take. An array has no size of its own.
    var minimumSize: Int {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64, .string, .array: 8
        }
    }
}

/// Where a metadata value lies in the file. The reader has checked that the value lies inside the file; the value is
/// decoded only on demand.
enum GGUFValue: Sendable {
    /// A number or a truth value.
    case scalar(GGUFValueType, Range<Int>)
    /// A string's bytes, without its length.
    case string(Range<Int>)
    /// An array of numbers or truth values.
    case array(of: GGUFValueType, count: Int, Range<Int>)
    /// An array of strings.
    case strings(PackedStrings)

    /// The type, for messages: `uint32`, or `array of 3 uint32`.
    var typeDescription: String {
        switch self {
        case .scalar(let type, _): type.description
        case .string: GGUFValueType.string.description
        case .array(let element, let count, _): "array of \(count) \(element)"
        case .strings(let strings): "array of \(strings.count) string"
        }
    }
}

extension ByteReader {
    /// Reads a value's type and steps over the value; checks that truth values are 0 or 1.
    mutating func readValue(key: String) throws(ModelFileError) -> GGUFValue {
        let type = try readValueType("the type of the value of key \(quoted(key))", key: key)
        switch type {
        case .string:
            return .string(try skipString("the value of key \(quoted(key))"))
        case .array:
            return try readArray(key: key)
        default:
            let range = try skip(type.minimumSize, "the value of key \(quoted(key))")
            try checkBools(type, range, key: key)
            return .scalar(type, range)
        }
    }

    private mutating func readArray(key: String) throws(ModelFileError) -> GGUFValue {
        let element = try readValueType("the element type of the array of key \(quoted(key))", key: key)
        guard element != .array else {
            throw ModelFileError(.nestedArray, "the value of key \(quoted(key)) is an array of arrays")
        }
        let what = "the number of elements in the array of key \(quoted(key))"
        let count = try readCount(minimumSize: element.minimumSize, what)
        if element == .string {
            return .strings(try skipStrings(count: count, "the array of key \(quoted(key))"))
        }
        // No overflow: `readCount` has checked that `count` elements fit in the file.
        let range = try skip(count * element.minimumSize, "the array of key \(quoted(key))")
        try checkBools(element, range, key: key)
        return .array(of: element, count: count, range)
    }

    private mutating func readValueType(
        _ what: @autoclosure () -> String, key: String
    ) throws(ModelFileError) -> GGUFValueType {
        let number = try read(UInt32.self, what())
        guard let type = GGUFValueType(rawValue: number) else {
            throw ModelFileError(.unknownValueType, "\(what()) is \(number); known types are 0 to 12")
        }
        return type
    }

    private func checkBools(_ type: GGUFValueType, _ range: Range<Int>, key: String) throws(ModelFileError) {
        guard type == .bool else { return }
        guard let wrong = file.withUnsafeBytes(in: range, { $0.first { $0 > 1 } }) else { return }
        throw ModelFileError(
            .valueOutOfRange, "the value of key \(quoted(key)) holds the truth value \(wrong); 0 and 1 are allowed")
    }
}
