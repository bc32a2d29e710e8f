import ModelFiles
import Tokenization

/// A model file with its text side: tokenizer, chat template, and a fingerprint.
public struct TextModel: Sendable {
    /// The path that the file was opened by.
    public let path: String
    public let file: GGUFFile
    public let tokenizer: Tokenizer
    /// nil if the file has none: then only /v1/completions can be answered. A template that cannot be read fails the
    /// chat requests, not the run.
    public let chatTemplate: Result<ChatTemplate, TokenizationError>?
    public let fingerprint: UInt64
    /// What answers name as their model: the file's name without its extension.
    public let name: String

    /// Opens a GGUF file. Throws the module errors of `ModelFiles` and `Tokenization`, which say what is wrong.
    public init(path: String) throws {
        self.path = path
        file = try GGUFFile(path: path)
        let vocabulary = try file.vocabulary()
        tokenizer = try Tokenizer(Self.description(vocabulary))
        chatTemplate = vocabulary.chatTemplate.map { source in
            Result { () throws(TokenizationError) in try ChatTemplate(source: source) }
        }
        fingerprint = ModelFingerprint.of(file)
        let base = path.split(separator: "/").last.map(String.init) ?? path
        name = base.hasSuffix(".gguf") ? String(base.dropLast(5)) : base
    }

    private static func description(_ vocabulary: GGUFVocabulary) throws -> TokenizerDescription {
        let merges = vocabulary.merges.map { merges in merges.indices.map { merges.text(at: $0) ?? "" } } ?? []
        return TokenizerDescription(
            model: vocabulary.model, preTokenizer: vocabulary.preTokenizer ?? "(none named)",
            tokens: Array(vocabulary.tokens), tokenTypes: vocabulary.tokenTypes ?? [], merges: merges,
            bos: vocabulary.beginningOfSequence, eos: vocabulary.endOfSequence, eot: vocabulary.endOfTurn,
            unknown: vocabulary.unknown, padding: vocabulary.padding,
            addBOS: vocabulary.addsBeginningOfSequence ?? false, addEOS: vocabulary.addsEndOfSequence ?? false,
            addSpacePrefix: vocabulary.addsSpacePrefix ?? false)
    }
}
