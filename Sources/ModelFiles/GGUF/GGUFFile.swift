/// A GGUF model file of version 2 or 3, little-endian: metadata and tensors.
///
/// Opening reads the header alone and checks every number in it: counts fit the file's size, names are unique, and
/// tensors lie inside the file and do not overlap. The tensors' bytes stay in the mapped file.
public struct GGUFFile: Sendable {
    /// The format's version: 2 or 3.
    public let version: Int
    /// The metadata.
    public let metadata: GGUFMetadata
    /// The tensors, in the order in which the header lists them.
    public let tensors: [TensorInfo]
    /// The bytes of the file.
    public let file: MappedFile
    private let indices: [String: Int]

    /// The size of the file in bytes.
    public var byteCount: Int { file.count }

    /// Maps and checks the file at `path`. Errors carry the path.
    public init(path: String) throws(ModelFileError) {
        let file = try MappedFile(path: path)
        do {
            try self.init(file: file)
        } catch {
            throw error.at(path: path)
        }
    }

    /// Checks a file's contents given as bytes.
    public init(bytes: [UInt8]) throws(ModelFileError) {
        try self.init(file: MappedFile(bytes: bytes))
    }

    private init(file: MappedFile) throws(ModelFileError) {
        self.file = file
        var reader = ByteReader(file: file)
        version = try Self.readVersion(&reader)
        let tensorCount = try reader.readCount(minimumSize: TensorTable.minimumEntrySize, "the number of tensors")
        let entryCount = try reader.readCount(
            minimumSize: GGUFMetadata.minimumEntrySize, "the number of metadata entries")
        metadata = try GGUFMetadata(reader: &reader, count: entryCount)
        let alignment = try Self.alignment(metadata)
        let table = try TensorTable(reader: &reader, count: tensorCount, alignment: alignment)
        tensors = table.tensors
        indices = table.indices
    }

    /// The tensor `name`, or nil where the file has none of that name.
    public func tensor(ifPresent name: String) -> TensorView? {
        indices[name].map { TensorView(info: tensors[$0], file: file) }
    }

    /// The tensor `name`; throws `missingTensor` where the file has none of that name.
    public func tensor(named name: String) throws(ModelFileError) -> TensorView {
        guard let view = tensor(ifPresent: name) else {
            throw ModelFileError(.missingTensor, "tensor \(quoted(name)) is missing")
        }
        return view
    }

    /// The tokenizer's vocabulary, checked; throws where the metadata has none or where it contradicts itself.
    public func vocabulary() throws(ModelFileError) -> GGUFVocabulary {
        try GGUFVocabulary(metadata)
    }

    private static func readVersion(_ reader: inout ByteReader) throws(ModelFileError) -> Int {
        let magic = try reader.read(UInt32.self, "the magic number")
        guard magic == 0x4655_4747 else {
            let text = reader.file.withUnsafeBytes(in: 0..<4) { String(decoding: $0, as: UTF8.self) }
            throw ModelFileError(.notAModelFile, "the file starts with \(quoted(text)), not with \"GGUF\"")
        }
        let version = try reader.read(UInt32.self, "the version")
        guard version & 0xFFFF != 0 || version == 0 else {
            throw ModelFileError(
                .bigEndian,
                "the file is big-endian (version \(version.byteSwapped)); only little-endian files are read")
        }
        guard version == 2 || version == 3 else {
            throw ModelFileError(.unsupportedVersion, "the file has GGUF version \(version); versions 2 and 3 are read")
        }
        return Int(version)
    }

    private static func alignment(_ metadata: GGUFMetadata) throws(ModelFileError) -> Int {
        let key = "general.alignment"
        guard let alignment = try metadata.integer(key) else { return 32 }
        let limit = 1 << 20
        guard alignment >= 8, alignment <= limit, alignment & (alignment - 1) == 0 else {
            throw ModelFileError(
                .badAlignment, "\(quoted(key)) is \(alignment); it must be a power of two from 8 to \(limit)")
        }
        return alignment
    }
}
