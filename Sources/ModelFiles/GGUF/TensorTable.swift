/// The tensor descriptions of a GGUF header, read and checked.
struct TensorTable {
    private(set) var tensors: [TensorInfo] = []
    private(set) var indices: [String: Int] = [:]

    // A name takes at least 8 bytes of length and 1 of text; then 4 bytes for the number of dimensions, 8 for at least
    // one dimension, 4 for the type and 8 for the offset.
    static let minimumEntrySize = 33
    private static let nameLimit = 1024
    private static let dimensionLimit = 4

    /// A description as the header has it; its offset counts from the start of the tensor data.
    private struct Entry {
        let name: String
        let type: TensorType
        let shape: [Int]
        let elementCount: Int
        let byteCount: Int
        let offset: UInt64
    }

    /// Reads `count` descriptions; the tensor data starts at the next multiple of `alignment` after the descriptions.
    init(reader: inout ByteReader, count: Int, alignment: Int) throws(ModelFileError) {
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        for index in 0..<count {
            let entry = try Self.readEntry(&reader, index: index)
            guard indices.updateValue(index, forKey: entry.name) == nil else {
                throw ModelFileError(.duplicateName, "tensor \(quoted(entry.name)) appears twice")
            }
            entries.append(entry)
        }
        // No overflow: the position is at most the file's size, and a file is far smaller than 2^63 bytes.
        let dataStart = (reader.position + alignment - 1) / alignment * alignment
        tensors.reserveCapacity(count)
        for entry in entries {
            tensors.append(try Self.place(entry, from: dataStart, alignment: alignment, fileSize: reader.file.count))
        }
        try Self.checkOverlaps(tensors)
    }

    private static func readEntry(_ reader: inout ByteReader, index: Int) throws(ModelFileError) -> Entry {
        let name = try reader.readName(limit: nameLimit, "the name of tensor \(index)")
        let tensor = "tensor \(quoted(name))"
        let shape = try readShape(&reader, tensor: tensor)
        let number = try reader.read(UInt32.self, "the type of \(tensor)")
        guard let type = TensorType(rawValue: number) else {
            let known = TensorType.allCases.map(\.name).joined(separator: ", ")
            throw ModelFileError(
                .unsupportedTensorType, "\(tensor) has the element type number \(number); types read are \(known)")
        }
        let offset = try reader.read(UInt64.self, "the offset of \(tensor)")
        let (elementCount, byteCount) = try size(shape, type, tensor: tensor)
        return Entry(
            name: name, type: type, shape: shape, elementCount: elementCount, byteCount: byteCount, offset: offset)
    }

    private static func readShape(_ reader: inout ByteReader, tensor: String) throws(ModelFileError) -> [Int] {
        let count = try reader.read(UInt32.self, "the number of dimensions of \(tensor)")
        guard count >= 1, count <= dimensionLimit else {
            throw ModelFileError(.badShape, "\(tensor) has \(count) dimensions; 1 to \(dimensionLimit) are allowed")
        }
        var shape: [Int] = []
        for index in 0..<count {
            let dimension = try reader.read(UInt64.self, "dimension \(index) of \(tensor)")
            guard let exact = Int(exactly: dimension), exact >= 1 else {
                throw ModelFileError(
                    .badShape, "dimension \(index) of \(tensor) is \(dimension); 1 to \(Int.max) are allowed")
            }
            shape.append(exact)
        }
        return shape
    }

    private static func size(
        _ shape: [Int], _ type: TensorType, tensor: String
    ) throws(ModelFileError) -> (elements: Int, bytes: Int) {
        guard shape[0].isMultiple(of: type.elementsPerBlock) else {
            throw ModelFileError(
                .badShape,
                "\(tensor) has rows of \(shape[0]) elements; type \(type) needs a multiple of \(type.elementsPerBlock)")
        }
        let elements = CheckedSize.product(shape)
        let bytes = elements.flatMap { CheckedSize.product([$0 / type.elementsPerBlock, type.bytesPerBlock]) }
        guard let elements, let bytes else {
            let product = shape.map { "\($0)" }.joined(separator: " × ")
            throw ModelFileError(
                .sizeOverflow, "the size of \(tensor), \(product) of type \(type), exceeds \(Int.max) bytes")
        }
        return (elements, bytes)
    }

    private static func place(
        _ entry: Entry, from dataStart: Int, alignment: Int, fileSize: Int
    ) throws(ModelFileError) -> TensorInfo {
        guard entry.offset.isMultiple(of: UInt64(alignment)) else {
            throw ModelFileError(
                .misalignedTensor,
                "tensor \(quoted(entry.name)) has the offset \(entry.offset); it must be a multiple of \(alignment)")
        }
        guard let offset = Int(exactly: entry.offset), let start = CheckedSize.sum(dataStart, offset),
            let end = CheckedSize.sum(start, entry.byteCount)
        else {
            throw ModelFileError(
                .sizeOverflow,
                "tensor \(quoted(entry.name)) has the offset \(entry.offset) and \(entry.byteCount) bytes, "
                    + "which end beyond \(Int.max)")
        }
        guard end <= fileSize else {
            throw ModelFileError(
                .truncated,
                "tensor \(quoted(entry.name)) takes the bytes from \(start) to \(end), but the file has \(fileSize)")
        }
        return TensorInfo(
            name: entry.name, type: entry.type, shape: entry.shape, elementCount: entry.elementCount,
            byteCount: entry.byteCount, fileOffset: start)
    }

    private static func checkOverlaps(_ tensors: [TensorInfo]) throws(ModelFileError) {
        let ordered = tensors.sorted { ($0.fileOffset, $0.name) < ($1.fileOffset, $1.name) }
        for (first, second) in zip(ordered, ordered.dropFirst()) {
            let end = first.fileOffset + first.byteCount
            guard end <= second.fileOffset else {
                throw ModelFileError(
                    .overlappingTensors,
                    "tensor \(quoted(second.name)) starts at byte \(second.fileOffset), before tensor "
                        + "\(quoted(first.name)) ends at \(end)")
            }
        }
    }
}
