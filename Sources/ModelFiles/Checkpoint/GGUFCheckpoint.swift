/// A GGUF file as a checkpoint.
public struct GGUFCheckpoint: Checkpoint {
    /// The file.
    public let file: GGUFFile
    /// The prefix of the keys of the file's architecture.
    private let prefix: String
    public let rotaryPairing: RotaryPairing

    /// Accepts any GGUF file: an accessor throws or returns nil when the file lacks the value.
    public init(_ file: GGUFFile) {
        self.file = file
        let architecture = (try? file.metadata.string(GGUFNames.architecture)) ?? ""
        prefix = architecture + "."
        rotaryPairing = GGUFNames.interleaved.contains(architecture) ? .interleaved : .halves
    }

    public func architecture() throws(ModelFileError) -> String {
        try file.metadata.requiredString(GGUFNames.architecture)
    }

    public func name() throws(ModelFileError) -> String? { try file.metadata.string("general.name") }

    public var fingerprint: UInt64 { ModelFingerprint.of(file) }

    public func key(of parameter: Hyperparameter) -> String { prefix + GGUFNames.key(parameter) }

    public func integer(_ parameter: Hyperparameter) throws(ModelFileError) -> Int? {
        try file.metadata.integer(key(of: parameter))
    }

    public func float(_ parameter: Hyperparameter) throws(ModelFileError) -> Float? {
        try file.metadata.float(key(of: parameter))
    }

    public func string(_ parameter: Hyperparameter) throws(ModelFileError) -> String? {
        try file.metadata.string(key(of: parameter))
    }

    public var tensors: [TensorInfo] { file.tensors }

    public func name(of role: TensorRole) -> String {
        let layer = role.layer.map { "blk.\($0)." } ?? ""
        return layer + GGUFNames.tensor(role.part) + (role.kind == .weight ? ".weight" : ".bias")
    }

    public func tensor(ifPresent role: TensorRole) -> TensorView? { file.tensor(ifPresent: name(of: role)) }

    public func vocabulary() throws(ModelFileError) -> GGUFVocabulary { try file.vocabulary() }

    public func chatTemplate() throws(ModelFileError) -> String? {
        try file.metadata.string("tokenizer.chat_template")
    }
}
