/// A model's files in any format, as a model family and a device need them: hyperparameters, tensors by role,
/// vocabulary and chat template.
///
/// Each format's reader maps hyperparameters and roles to the format's names in one table. So a family is written once
/// for all formats, and a format once for all families.
public protocol Checkpoint: Sendable {
    /// The name of the model's family, such as `llama` or `qwen3`: the names of GGUF's `general.architecture`.
    func architecture() throws(ModelFileError) -> String
    /// The author's name for the model; nil if the files do not give one.
    func name() throws(ModelFileError) -> String?
    /// A number that distinguishes checkpoints; it does not protect against forgery.
    var fingerprint: UInt64 { get }

    /// The format's name for a hyperparameter, for messages.
    func key(of parameter: Hyperparameter) -> String
    /// The integer value of a hyperparameter, or nil if the files do not give it. Throws `wrongElementType` for a value
    /// of another type.
    func integer(_ parameter: Hyperparameter) throws(ModelFileError) -> Int?
    /// Like `integer`, for a number that may have a fraction.
    func float(_ parameter: Hyperparameter) throws(ModelFileError) -> Float?
    /// Like `integer`, for a text.
    func string(_ parameter: Hyperparameter) throws(ModelFileError) -> String?

    /// All tensors that belong to the model, under the format's own names.
    var tensors: [TensorInfo] { get }
    /// The format's name for a tensor.
    func name(of role: TensorRole) -> String
    /// The tensor of a role, or nil where there is none.
    func tensor(ifPresent role: TensorRole) -> TensorView?
    /// The order in which the rows of query and key matrices are stored.
    var rotaryPairing: RotaryPairing { get }

    /// The tokenizer's vocabulary, checked; throws where there is none or where it contradicts itself.
    func vocabulary() throws(ModelFileError) -> GGUFVocabulary
    /// The Jinja template that turns a conversation into a text; nil where there is none.
    func chatTemplate() throws(ModelFileError) -> String?
}

extension Checkpoint {
    /// Like `integer`, and throws `missingKey` where the files do not give it.
    public func requiredInteger(_ parameter: Hyperparameter) throws(ModelFileError) -> Int {
        guard let value = try integer(parameter) else { throw missing(parameter) }
        return value
    }

    /// Like `float`, and throws `missingKey` where the files do not give it.
    public func requiredFloat(_ parameter: Hyperparameter) throws(ModelFileError) -> Float {
        guard let value = try float(parameter) else { throw missing(parameter) }
        return value
    }

    /// The tensor of a role; throws `missingTensor` where there is none.
    public func tensor(_ role: TensorRole) throws(ModelFileError) -> TensorView {
        guard let view = tensor(ifPresent: role) else {
            throw ModelFileError(.missingTensor, "tensor \(quoted(name(of: role))) is missing")
        }
        return view
    }

    private func missing(_ parameter: Hyperparameter) -> ModelFileError {
        ModelFileError(.missingKey, "metadata key \(quoted(key(of: parameter))) is missing")
    }
}

/// Which dimensions of a query or key head the rotary embedding turns together. It depends on the order in which a
/// checkpoint stores the rows of these matrices: the converter to GGUF permutes the rows of some families.
public enum RotaryPairing: Sendable, Hashable {
    /// Neighbours: (0, 1), (2, 3), ...
    case interleaved
    /// First half with second half of the rotated dimensions: (0, d/2), (1, d/2 + 1), ...
    case halves
}

/// The formats of checkpoints.
public enum CheckpointFormat {
    /// Opens the checkpoint at `path`: a GGUF file. Errors carry the path.
    public static func open(path: String) throws(ModelFileError) -> any Checkpoint {
        GGUFCheckpoint(try GGUFFile(path: path))
    }
}
