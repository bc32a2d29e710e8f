/// A safetensors file: a JSON header and tensors that stay in the mapped file.
///
/// Opening reads the header alone and checks every number in it: the tensors must fill the rest of the file from its
/// first byte to its last, without holes or overlaps.
public struct SafetensorsFile: Sendable {
    /// The tensors, in the order of their bytes.
    public let tensors: [SafetensorsInfo]
    /// The texts that the header keeps under `__metadata__`; empty where there are none.
    public let metadata: [String: String]
    /// The bytes of the file.
    public let file: MappedFile
    private let indices: [String: Int]

    private static let headerLimit = 100_000_000

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
        let length = try reader.read(UInt64.self, "the length of the header")
        guard length <= Self.headerLimit else {
            throw ModelFileError(
                .countTooLarge, "the length of the header is \(length) bytes; the limit is \(Self.headerLimit)")
        }
        let header = try SafetensorsHeader(file: file, range: reader.skip(Int(length), "the header"))
        metadata = header.metadata
        tensors = try header.tensors(dataStart: reader.position, fileSize: file.count)
        indices = Dictionary(tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The tensor `name`, or nil where the file has none of that name.
    public func tensor(ifPresent name: String) -> SafetensorsView? {
        indices[name].map { SafetensorsView(info: tensors[$0], file: file) }
    }

    /// The tensor `name`; throws `missingTensor` where the file has none of that name.
    public func tensor(named name: String) throws(ModelFileError) -> SafetensorsView {
        guard let view = tensor(ifPresent: name) else {
            throw ModelFileError(.missingTensor, "tensor \(quoted(name)) is missing")
        }
        return view
    }
}
