extension GGUFMetadata {
    /// The type of the value of `key`, such as `uint32` or `array of 3 string`; nil where the key is absent.
    public func typeDescription(of key: String) -> String? {
        value(key)?.typeDescription
    }

    /// The value of `key` on one printable line, long texts and arrays cut short; nil where the key is absent.
    ///
    /// Texts are in quotation marks with control characters escaped, so a file cannot control the terminal.
    public func description(of key: String) -> String? {
        switch value(key) {
        case nil:
            return nil
        case .string(let range):
            return printable(range, limit: 120)
        case .scalar(let type, let range):
            return numbers(type, range, limit: 1)[0]
        case .array(let element, let count, let range):
            let shown = numbers(element, range, limit: 8)
            return list(shown, of: count)
        case .strings(let strings):
            let shown = strings.indices.prefix(4).map { printable(strings.fileRange(at: $0), limit: 24) }
            return list(shown, of: strings.count)
        }
    }

    private func list(_ shown: [String], of count: Int) -> String {
        "[" + shown.joined(separator: ", ") + (count > shown.count ? ", … \(count) in all]" : "]")
    }

    private func printable(_ range: Range<Int>, limit: Int) -> String {
        // A character takes at most four bytes, so 4 * `limit` bytes hold at least `limit` characters if the text has
        // as many.
        let end = min(range.upperBound, range.lowerBound + 4 * limit)
        let text = file.withUnsafeBytes(in: range.lowerBound..<end) { String(decoding: $0, as: UTF8.self) }
        let shown = String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit)))
        let isWhole = end == range.upperBound && text.unicodeScalars.count <= limit
        return shown.debugDescription + (isWhole ? "" : "… (\(range.count) bytes)")
    }

    private func numbers(_ type: GGUFValueType, _ range: Range<Int>, limit: Int) -> [String] {
        let end = min(range.upperBound, range.lowerBound + limit * type.minimumSize)
        return file.withUnsafeBytes(in: range.lowerBound..<end) { bytes in
            switch type {
            case .uint8: bytes.map { "\($0)" }
            case .int8: bytes.map { "\(Int8(bitPattern: $0))" }
            case .bool: bytes.map { $0 == 1 ? "true" : "false" }
            case .uint16: bytes.littleEndianNumbers(UInt16.self).map { "\($0)" }
            case .int16: bytes.littleEndianNumbers(Int16.self).map { "\($0)" }
            case .uint32: bytes.littleEndianNumbers(UInt32.self).map { "\($0)" }
            case .int32: bytes.littleEndianNumbers(Int32.self).map { "\($0)" }
            case .uint64: bytes.littleEndianNumbers(UInt64.self).map { "\($0)" }
            case .int64: bytes.littleEndianNumbers(Int64.self).map { "\($0)" }
            case .float32: bytes.littleEndianNumbers(UInt32.self).map { "\(Float(bitPattern: $0))" }
            case .float64: bytes.littleEndianNumbers(UInt64.self).map { "\(Double(bitPattern: $0))" }
            case .string, .array: []
            }
        }
    }
}
