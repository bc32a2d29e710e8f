import Platform

/// Why a model file was refused, or why a request for part of its contents failed.
///
/// The message names the offending key, tensor or section, and states the limit and the value found.
public typealias ModelFileError = CodedError<ModelFileErrors>

public enum ModelFileErrors: ErrorDomain {
    /// The path, if there is one, then the message.
    public static func text(of error: ModelFileError) -> String {
        error.path.map { "\($0): \(error.message)" } ?? error.message
    }
}

extension ModelFileError.Code {
    /// The file could not be opened, examined or mapped.
    public static var ioFailure: Self { Self("ioFailure") }
    /// The file does not start as this format must.
    public static var notAModelFile: Self { Self("notAModelFile") }
    /// The file is written in big-endian byte order.
    public static var bigEndian: Self { Self("bigEndian") }
    /// This reader does not know the format's version.
    public static var unsupportedVersion: Self { Self("unsupportedVersion") }
    /// The file ends before something that it announces.
    public static var truncated: Self { Self("truncated") }
    /// A count of entries, elements or bytes is more than the file can hold or than the format allows.
    public static var countTooLarge: Self { Self("countTooLarge") }
    /// A text that must be UTF-8 is not, or a name is empty.
    public static var invalidText: Self { Self("invalidText") }
    /// A metadata key or a tensor name appears twice.
    public static var duplicateName: Self { Self("duplicateName") }
    /// A metadata value has a type number that the format does not define.
    public static var unknownValueType: Self { Self("unknownValueType") }
    /// A metadata array holds arrays.
    public static var nestedArray: Self { Self("nestedArray") }
    /// A metadata value has another type than the one asked for.
    public static var wrongElementType: Self { Self("wrongElementType") }
    /// A value lies outside what its type or its use allows.
    public static var valueOutOfRange: Self { Self("valueOutOfRange") }
    /// A metadata key that is needed is absent.
    public static var missingKey: Self { Self("missingKey") }
    /// A tensor that is needed is absent.
    public static var missingTensor: Self { Self("missingTensor") }
    /// The alignment of the tensor data is not a usable power of two.
    public static var badAlignment: Self { Self("badAlignment") }
    /// A tensor's offset is not a multiple of the file's alignment.
    public static var misalignedTensor: Self { Self("misalignedTensor") }
    /// Two tensors share bytes.
    public static var overlappingTensors: Self { Self("overlappingTensors") }
    /// Bytes of the tensor data belong to no tensor in a format that forbids it.
    public static var unusedBytes: Self { Self("unusedBytes") }
    /// A tensor's dimensions, or a request for some of its rows, are not possible.
    public static var badShape: Self { Self("badShape") }
    /// This reader does not know a tensor's element type.
    public static var unsupportedTensorType: Self { Self("unsupportedTensorType") }
    /// A size is too large for a 64-bit signed number.
    public static var sizeOverflow: Self { Self("sizeOverflow") }
    /// The tokenizer's vocabulary contradicts itself.
    public static var badVocabulary: Self { Self("badVocabulary") }
    /// A safetensors header is not the JSON object that it must be.
    public static var badHeader: Self { Self("badHeader") }
}

extension ModelFileError {
    /// The file's path, when the file was opened by path.
    public var path: String? { subject }

    /// This error with the path of the file that it concerns.
    func at(path: String) -> ModelFileError { about(path) }
}

/// A name from a file, in quotation marks, with control characters escaped and at most 80 characters of it shown.
func quoted(_ name: String) -> String {
    let limit = 80
    guard name.unicodeScalars.count > limit else { return name.debugDescription }
    return String(String.UnicodeScalarView(name.unicodeScalars.prefix(limit))).debugDescription + "…"
}
