/// Why a model file was refused, or why something asked of it could not be given.
///
/// The message names the offending key, tensor or section, and states the limit and the value found.
public struct ModelFileError: Error, Sendable, CustomStringConvertible {
    /// The class of the problem, for programs to act on.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private let name: String

        private init(_ name: String) {
            self.name = name
        }

        /// The code's name, such as `truncated`.
        public var description: String { name }

        /// The file could not be opened, examined or mapped.
        public static let ioFailure = Code("ioFailure")
        /// The file does not start as this format must.
        public static let notAModelFile = Code("notAModelFile")
        /// The file is written in big-endian byte order.
        public static let bigEndian = Code("bigEndian")
        /// The format's version is not one that is read here.
        public static let unsupportedVersion = Code("unsupportedVersion")
        /// The file ends before something that it announces.
        public static let truncated = Code("truncated")
        /// A count of entries, elements or bytes is more than the file can hold or than the format allows.
        public static let countTooLarge = Code("countTooLarge")
        /// A text that must be UTF-8 is not, or a name is empty.
        public static let invalidText = Code("invalidText")
        /// A metadata key or a tensor name appears twice.
        public static let duplicateName = Code("duplicateName")
        /// A metadata value has a type number that the format does not define.
        public static let unknownValueType = Code("unknownValueType")
        /// A metadata array holds arrays.
        public static let nestedArray = Code("nestedArray")
        /// A metadata value has another type than the one asked for.
        public static let wrongElementType = Code("wrongElementType")
        /// A value lies outside what its type or its use allows.
        public static let valueOutOfRange = Code("valueOutOfRange")
        /// A metadata key that is needed is absent.
        public static let missingKey = Code("missingKey")
        /// A tensor that is needed is absent.
        public static let missingTensor = Code("missingTensor")
        /// The alignment of the tensor data is not a usable power of two.
        public static let badAlignment = Code("badAlignment")
        /// A tensor's offset is not a multiple of the file's alignment.
        public static let misalignedTensor = Code("misalignedTensor")
        /// Two tensors share bytes.
        public static let overlappingTensors = Code("overlappingTensors")
        /// Bytes of the tensor data belong to no tensor in a format that forbids it.
        public static let unusedBytes = Code("unusedBytes")
        /// A tensor's dimensions, or a request for some of its rows, cannot be.
        public static let badShape = Code("badShape")
        /// A tensor's element type is not one that is read here.
        public static let unsupportedTensorType = Code("unsupportedTensorType")
        /// A size is too large for a 64-bit signed number.
        public static let sizeOverflow = Code("sizeOverflow")
        /// The tokenizer's vocabulary contradicts itself.
        public static let badVocabulary = Code("badVocabulary")
        /// A safetensors header is not the JSON object that it must be.
        public static let badHeader = Code("badHeader")
    }

    /// The class of the problem.
    public let code: Code
    /// What is wrong, in one sentence, with the name, the limit and the value.
    public let message: String
    /// The file's path, when the file was opened by path.
    public internal(set) var path: String?
    /// The error beneath this one, if there is one.
    public let cause: (any Error)?

    /// Makes an error of class `code` with a one-sentence `message`, and the error that led to it.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The path, where there is one, then the message.
    public var description: String {
        guard let path else { return message }
        return "\(path): \(message)"
    }

    /// This error with the path of the file that it concerns.
    func at(path: String) -> ModelFileError {
        var error = self
        error.path = path
        return error
    }
}

/// A name from a file, in quotation marks, with control characters escaped and at most 80 characters of it shown.
func quoted(_ name: String) -> String {
    let limit = 80
    guard name.unicodeScalars.count > limit else { return name.debugDescription }
    return String(String.UnicodeScalarView(name.unicodeScalars.prefix(limit))).debugDescription + "…"
}
