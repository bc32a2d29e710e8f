/// The metadata of a GGUF file: keys in the file's order, with values that are decoded when asked for.
///
/// Every accessor returns nil where the key is absent (the `required` ones throw `missingKey`), and throws
/// `wrongElementType` where the value has another type than the one asked for.
public struct GGUFMetadata: Sendable {
    /// The keys, in the order of the file.
    public private(set) var keys: [String] = []
    private var values: [String: GGUFValue] = [:]
    let file: MappedFile

    // A key takes at least 8 bytes of length and 1 of text, its value 4 of type and 1 of contents.
    static let minimumEntrySize = 14
    private static let keyLimit = 65_535

    /// Reads `count` entries, and throws `duplicateName` where a key comes twice.
    init(reader: inout ByteReader, count: Int) throws(ModelFileError) {
        file = reader.file
        for index in 0..<count {
            let key = try reader.readName(limit: Self.keyLimit, "metadata key \(index)")
            guard values[key] == nil else {
                throw ModelFileError(.duplicateName, "metadata key \(quoted(key)) appears twice")
            }
            values[key] = try reader.readValue(key: key)
            keys.append(key)
        }
    }

    /// Whether there is a value for `key`, of whatever type.
    public func contains(_ key: String) -> Bool {
        values[key] != nil
    }

    /// The text of `key`. Throws `invalidText` where it is not UTF-8.
    public func string(_ key: String) throws(ModelFileError) -> String? {
        guard let value = values[key] else { return nil }
        guard case .string(let range) = value else { throw wrongType(key, value, wanted: "a string") }
        return try file.text(in: range, "the value of key \(quoted(key))")
    }

    /// The whole number of `key`, stored in any width, signed or not.
    /// Throws `valueOutOfRange` where it does not fit in an `Int`.
    public func integer(_ key: String) throws(ModelFileError) -> Int? {
        guard let value = values[key] else { return nil }
        guard case .scalar(let type, let range) = value, type.isInteger else {
            throw wrongType(key, value, wanted: "an integer")
        }
        return try decodeIntegers(type, range, key: key)[0]
    }

    /// The number of `key`, stored as `float32` or, rounded here to the nearest, as `float64`.
    public func float(_ key: String) throws(ModelFileError) -> Float? {
        guard let value = values[key] else { return nil }
        guard case .scalar(let type, let range) = value, let number = decodeFloats(type, range)?.first else {
            throw wrongType(key, value, wanted: "a floating-point number")
        }
        return number
    }

    /// The truth value of `key`.
    public func bool(_ key: String) throws(ModelFileError) -> Bool? {
        guard let value = values[key] else { return nil }
        guard case .scalar(.bool, let range) = value else { throw wrongType(key, value, wanted: "a bool") }
        return file.withUnsafeBytes(in: range) { $0[0] == 1 }
    }

    /// The strings of the array of `key`, as bytes that stay in the file.
    public func strings(_ key: String) throws(ModelFileError) -> PackedStrings? {
        guard let value = values[key] else { return nil }
        guard case .strings(let strings) = value else { throw wrongType(key, value, wanted: "an array of strings") }
        return strings
    }

    /// The whole numbers of the array of `key`, stored in any width. Throws `valueOutOfRange` where a number does not
    /// fit in an `Int`.
    public func integers(_ key: String) throws(ModelFileError) -> [Int]? {
        guard let value = values[key] else { return nil }
        guard case .array(let element, _, let range) = value, element.isInteger else {
            throw wrongType(key, value, wanted: "an array of integers")
        }
        return try decodeIntegers(element, range, key: key)
    }

    /// The numbers of the array of `key`, stored as `float32` or, rounded here to the nearest, as `float64`.
    public func floats(_ key: String) throws(ModelFileError) -> [Float]? {
        guard let value = values[key] else { return nil }
        guard case .array(let element, _, let range) = value, let numbers = decodeFloats(element, range) else {
            throw wrongType(key, value, wanted: "an array of floating-point numbers")
        }
        return numbers
    }

    /// The truth values of the array of `key`.
    public func bools(_ key: String) throws(ModelFileError) -> [Bool]? {
        guard let value = values[key] else { return nil }
        guard case .array(.bool, _, let range) = value else {
            throw wrongType(key, value, wanted: "an array of bools")
        }
        return file.withUnsafeBytes(in: range) { $0.map { $0 == 1 } }
    }

    /// Like `string`, and throws `missingKey` where the key is absent.
    public func requiredString(_ key: String) throws(ModelFileError) -> String {
        guard let value = try string(key) else { throw missing(key) }
        return value
    }

    /// Like `integer`, and throws `missingKey` where the key is absent.
    public func requiredInteger(_ key: String) throws(ModelFileError) -> Int {
        guard let value = try integer(key) else { throw missing(key) }
        return value
    }

    /// Like `float`, and throws `missingKey` where the key is absent.
    public func requiredFloat(_ key: String) throws(ModelFileError) -> Float {
        guard let value = try float(key) else { throw missing(key) }
        return value
    }

    /// Like `strings`, and throws `missingKey` where the key is absent.
    public func requiredStrings(_ key: String) throws(ModelFileError) -> PackedStrings {
        guard let value = try strings(key) else { throw missing(key) }
        return value
    }

    /// The stored value, for the description.
    func value(_ key: String) -> GGUFValue? {
        values[key]
    }

    private func missing(_ key: String) -> ModelFileError {
        ModelFileError(.missingKey, "metadata key \(quoted(key)) is missing")
    }

    private func wrongType(_ key: String, _ value: GGUFValue, wanted: String) -> ModelFileError {
        ModelFileError(
            .wrongElementType, "the value of key \(quoted(key)) is of type \(value.typeDescription), not \(wanted)")
    }
}
