import Platform

/// The JSON header of a safetensors file, decoded; the tensors are still to be checked against the file.
struct SafetensorsHeader {
    let metadata: [String: String]
    private let entries: [Entry]

    private static let metadataName = "__metadata__"

    /// A tensor's description as the header has it, with offsets counted from the end of the header.
    private struct Entry {
        let name: String
        let type: SafetensorsType
        let shape: [Int]
        let elementCount: Int
        let bytes: Range<Int>
    }

    private struct Fields {
        let dtype: String
        let shape: [Int]
        let dataOffsets: [Int]

        /// nil if the value is not a tensor's description.
        init?(_ value: JSONValue) {
            func integers(_ key: String) -> [Int]? {
                guard let elements = value[key]?.elements else { return nil }
                let integers = elements.compactMap { $0.integer.flatMap { Int(exactly: $0) } }
                return integers.count == elements.count ? integers : nil
            }
            guard let dtype = value["dtype"]?.string, let shape = integers("shape"),
                let dataOffsets = integers("data_offsets")
            else { return nil }
            self.dtype = dtype
            self.shape = shape
            self.dataOffsets = dataOffsets
        }
    }

    // Three levels: the header's object, a tensor's object, the list of the tensor's dimensions.
    private static let depthLimit = 3

    /// Decodes the header at `range` of `file`: an object with texts under `__metadata__`, and the description of a
    /// tensor under every other name.
    ///
    /// Throws `badHeader` if the header is not such JSON, and `duplicateName` if an object in it has a name twice: a
    /// reader that keeps the first entry and a reader that keeps the last would see different tensors in one file.
    init(file: MappedFile, range: Range<Int>) throws(ModelFileError) {
        let members = try file.withUnsafeBytes(in: range) { (bytes) throws(ModelFileError) in
            try Self.members(bytes.bindMemory(to: UInt8.self))
        }
        var metadata: [String: String] = [:]
        var entries: [Entry] = []
        entries.reserveCapacity(members.count)
        // Sorted, so that the error reported does not depend on the order of the names in the file.
        for member in members.sorted(by: { $0.key < $1.key }) {
            if member.key == Self.metadataName {
                for text in try Self.parts(member, member.value.members, are: "texts") {
                    metadata[text.key] = try Self.parts(member, text.value.string, are: "texts")
                }
            } else {
                let fields = try Self.parts(member, Fields(member.value), are: "a tensor's description")
                entries.append(try Self.entry(member.key, fields))
            }
        }
        self.metadata = metadata
        self.entries = entries
    }

    private static func members(_ bytes: UnsafeBufferPointer<UInt8>) throws(ModelFileError) -> [JSONMember] {
        guard bytes.first == UInt8(ascii: "{") else {
            throw ModelFileError(.badHeader, "the header does not start with \"{\"")
        }
        // Some readers take a zero byte for a sign of UTF-16 or UTF-32.
        if let zero = bytes.firstIndex(of: 0) {
            throw ModelFileError(.badHeader, "the header has a zero byte at its byte \(zero)")
        }
        do {
            return try JSONParser.parse(bytes, depth: depthLimit).members ?? []
        } catch {
            if case .repeatedKey(let name) = error.kind {
                throw ModelFileError(
                    .duplicateName, "the header has the name \(quoted(name)) twice in one object", cause: error)
            }
            throw ModelFileError(.badHeader, "the header is not a JSON object: \(error)", cause: error)
        }
    }

    /// The contents of an entry of the header; throws `badHeader` if `part` is nil.
    private static func parts<Part>(
        _ entry: JSONMember, _ part: Part?, are wanted: String
    ) throws(ModelFileError) -> Part {
        guard let part else {
            throw ModelFileError(.badHeader, "the header's entry \(quoted(entry.key)) does not hold \(wanted)")
        }
        return part
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
        // No overflow: both offsets are at least 0.
        guard offsets[1] - offsets[0] == size else {
            throw ModelFileError(
                .badShape,
                "\(tensor) has \(offsets[1] - offsets[0]) bytes, but its shape and its type \(type) make \(size)")
        }
        return Entry(
            name: name, type: type, shape: fields.shape, elementCount: elements, bytes: offsets[0]..<offsets[1])
    }
}
