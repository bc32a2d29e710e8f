#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The JSON header of a safetensors file, decoded; the tensors are still to be checked against the file.
struct SafetensorsHeader {
    let metadata: [String: String]
    private let entries: [Entry]

    private static let metadataName = "__metadata__"

    /// A tensor's description as it stands in the header, offsets counted from the end of the header.
    private struct Entry {
        let name: String
        let type: SafetensorsType
        let shape: [Int]
        let elementCount: Int
        let bytes: Range<Int>
    }

    private struct Fields: Decodable {
        let dtype: String
        let shape: [Int]
        let dataOffsets: [Int]

        enum CodingKeys: String, CodingKey {
            case dtype, shape
            case dataOffsets = "data_offsets"
        }
    }

    /// The header's object: texts under `__metadata__`, the description of a tensor under every other name.
    private struct Contents: Decodable {
        var metadata: [String: String] = [:]
        var tensors: [(name: String, fields: Fields)] = []

        struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            // The decoder gives the names in no fixed order, and the first problem found is the one reported.
            for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
                do {
                    if key.stringValue == SafetensorsHeader.metadataName {
                        metadata = try container.decode([String: String].self, forKey: key)
                    } else {
                        tensors.append((key.stringValue, try container.decode(Fields.self, forKey: key)))
                    }
                } catch {
                    let wanted = key.stringValue == SafetensorsHeader.metadataName ? "texts" : "a tensor's description"
                    let name = quoted(key.stringValue)
                    throw ModelFileError(.badHeader, "the header's entry \(name) does not hold \(wanted)", cause: error)
                }
            }
        }
    }

    /// Decodes the header that lies at `range` of `file`.
    ///
    /// Throws `badHeader` where it is not the JSON that it must be, and `duplicateName` where an object in it has a
    /// name twice.
    init(file: MappedFile, range: Range<Int>) throws(ModelFileError) {
        try JSONNames.check(file: file, range: range)
        let contents: Contents
        do {
            let data = file.withUnsafeBytes(in: range) { Data($0) }
            contents = try JSONDecoder().decode(Contents.self, from: data)
        } catch {
            throw error as? ModelFileError
                ?? ModelFileError(.badHeader, "the header is not a JSON object", cause: error)
        }
        metadata = contents.metadata
        var entries: [Entry] = []
        entries.reserveCapacity(contents.tensors.count)
        for (name, fields) in contents.tensors {
            entries.append(try Self.entry(name, fields))
        }
        self.entries = entries
    }

    /// The tensors in the order of their bytes, which start at `dataStart` and must reach exactly to `fileSize`.
    func tensors(dataStart: Int, fileSize: Int) throws(ModelFileError) -> [SafetensorsInfo] {
        let ordered = entries.sorted {
            ($0.bytes.lowerBound, $0.bytes.upperBound, $0.name) < ($1.bytes.lowerBound, $1.bytes.upperBound, $1.name)
        }
        let dataSize = fileSize - dataStart
        var end = 0
        for entry in ordered {
            let tensor = "tensor \(quoted(entry.name))"
            guard entry.bytes.lowerBound >= end else {
                throw ModelFileError(
                    .overlappingTensors,
                    "\(tensor) starts at byte \(entry.bytes.lowerBound), before the tensor ahead of it ends at \(end)")
            }
            guard entry.bytes.lowerBound == end else {
                throw ModelFileError(
                    .unusedBytes, "the bytes from \(end) to \(entry.bytes.lowerBound), before \(tensor), are unused")
            }
            end = entry.bytes.upperBound
            guard end <= dataSize else {
                throw ModelFileError(
                    .truncated, "\(tensor) ends at byte \(end) of the data, but the file has \(dataSize)")
            }
        }
        guard end == dataSize else {
            throw ModelFileError(
                .unusedBytes, "the bytes from \(end) to \(dataSize) at the end of the data belong to no tensor")
        }
        return ordered.map { entry in
            SafetensorsInfo(
                name: entry.name, type: entry.type, shape: entry.shape, elementCount: entry.elementCount,
                byteCount: entry.bytes.count, fileOffset: dataStart + entry.bytes.lowerBound)
        }
    }

    private static func entry(_ name: String, _ fields: Fields) throws(ModelFileError) -> Entry {
        let tensor = "tensor \(quoted(name))"
        guard let type = SafetensorsType(rawValue: fields.dtype) else {
            let known = SafetensorsType.allCases.map(\.rawValue).joined(separator: ", ")
            throw ModelFileError(
                .unsupportedTensorType, "\(tensor) has the type \(quoted(fields.dtype)); types read are \(known)")
        }
        if let wrong = fields.shape.first(where: { $0 < 0 }) {
            throw ModelFileError(.badShape, "\(tensor) has a dimension of \(wrong); 0 to \(Int.max) are allowed")
        }
        // A zero anywhere makes the tensor empty, whatever the product of the other dimensions.
        let isEmpty = fields.shape.contains(0)
        let elements = isEmpty ? 0 : CheckedSize.product(fields.shape)
        guard let elements, let size = CheckedSize.product([elements, type.bytesPerElement]) else {
            let product = fields.shape.map { "\($0)" }.joined(separator: " × ")
            throw ModelFileError(
                .sizeOverflow, "the size of \(tensor), \(product) of type \(type), exceeds \(Int.max) bytes")
        }
        let offsets = fields.dataOffsets
        guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1] else {
            let shown = offsets.prefix(4).map { "\($0)" }.joined(separator: ", ")
            throw ModelFileError(
                .badHeader, "\(tensor) has the data_offsets [\(shown)]; a start and an end are needed")
        }
        // No overflow: both are at least 0.
        guard offsets[1] - offsets[0] == size else {
            throw ModelFileError(
                .badShape,
                "\(tensor) has \(offsets[1] - offsets[0]) bytes, but its shape and its type \(type) make \(size)")
        }
        return Entry(
            name: name, type: type, shape: fields.shape, elementCount: elements, bytes: offsets[0]..<offsets[1])
    }
}
