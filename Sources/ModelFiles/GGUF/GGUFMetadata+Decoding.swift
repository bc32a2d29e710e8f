extension GGUFMetadata {
    /// The whole numbers of type `type` that lie at `range`.
    func decodeIntegers(
        _ type: GGUFValueType, _ range: Range<Int>, key: String
    ) throws(ModelFileError) -> [Int] {
        switch type {
        case .uint8: try decode(UInt8.self, range, key: key)
        case .int8: try decode(Int8.self, range, key: key)
        case .uint16: try decode(UInt16.self, range, key: key)
        case .int16: try decode(Int16.self, range, key: key)
        case .uint32: try decode(UInt32.self, range, key: key)
        case .int32: try decode(Int32.self, range, key: key)
        case .uint64: try decode(UInt64.self, range, key: key)
        case .int64: try decode(Int64.self, range, key: key)
        case .float32, .float64, .bool, .string, .array: []
        }
    }

    /// The floating-point numbers of type `type` that lie at `range`, or nil if `type` is not a floating-point type.
    func decodeFloats(_ type: GGUFValueType, _ range: Range<Int>) -> [Float]? {
        file.withUnsafeBytes(in: range) { bytes in
            switch type {
            case .float32: bytes.littleEndianNumbers(UInt32.self).map { Float(bitPattern: $0) }
            case .float64: bytes.littleEndianNumbers(UInt64.self).map { Float(Double(bitPattern: $0)) }
            default: nil
            }
        }
    }

    private func decode<Number: FixedWidthInteger & BitwiseCopyable>(
        _: Number.Type, _ range: Range<Int>, key: String
    ) throws(ModelFileError) -> [Int] {
        let numbers = file.withUnsafeBytes(in: range) { $0.littleEndianNumbers(Number.self) }
        var result: [Int] = []
        result.reserveCapacity(numbers.count)
        for number in numbers {
            guard let exact = Int(exactly: number) else {
                throw ModelFileError(
                    .valueOutOfRange, "the value of key \(quoted(key)) holds \(number); the limit is \(Int.max)")
            }
            result.append(exact)
        }
        return result
    }
}

extension UnsafeRawBufferPointer {
    /// The little-endian numbers in these bytes, at any alignment.
    func littleEndianNumbers<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type) -> [Number] {
        let size = MemoryLayout<Number>.size
        return (0..<count / size).map {
            Number(littleEndian: loadUnaligned(fromByteOffset: $0 * size, as: Number.self))
        }
    }
}
