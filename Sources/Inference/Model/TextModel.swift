import ChatTemplates
import ModelFiles
import ModelPlans
import Platform
import Tokenization

/// A model file with its text side: tokenizer, chat template, and a fingerprint.
public struct TextModel: Sendable {
    /// The path with which the file was opened.
    public let path: String
    /// Hyperparameters and tensors.
    public let checkpoint: any Checkpoint
    public let tokenizer: Tokenizer
    /// nil if the file has no template: then only /v1/completions can be answered. A template that cannot be parsed
    /// fails the chat requests, not the run.
    public let chatTemplate: Result<ChatTemplate, ChatTemplateError>?
    public let fingerprint: UInt64
    /// The name of the model in answers: the file's name without its extension.
    public let name: String

    /// Opens a GGUF file.
    /// - Throws: the module errors of `ModelFiles` and `Tokenization`, which say what is wrong.
    public init(path: String) throws {
        self.path = path
        checkpoint = try CheckpointFormat.open(path: path)
        let vocabulary = try checkpoint.vocabulary()
        tokenizer = try Tokenizer(Self.description(vocabulary))
        chatTemplate = try checkpoint.chatTemplate().map { source in
            Result { () throws(ChatTemplateError) in try ChatTemplate(source: source) }
        }
        fingerprint = checkpoint.fingerprint
        let base = path.split(separator: "/").last.map(String.init) ?? path
        name = base.hasSuffix(".gguf") ? String(base.dropLast(5)) : base
    }

    /// The plan of the model's computation.
    /// - Throws: `ModelPlanError` and `ModelFileError` for a file without a model of a known family.
    package func plan() throws -> ModelPlan { try ModelPlan(checkpoint) }

    /// The tokenizer alone, of a GGUF file or, if the name ends in `.json`, of a Hugging Face tokenizer.json.
    /// - Throws: the module errors of `ModelFiles` and `Tokenization`, or `InferenceError` for a file that cannot be
    ///   read.
    public static func tokenizer(path: String) throws -> Tokenizer {
        guard path.hasSuffix(".json") else { return try TextModel(path: path).tokenizer }
        return try Tokenizer(json: SmallFile.read(path, most: 256 << 20))
    }

    private static func description(_ vocabulary: GGUFVocabulary) -> TokenizerDescription {
        let tokens = vocabulary.tokens.packed()
        let merges = vocabulary.merges?.packed()
        let isBERT = vocabulary.model == "bert"
        var description = TokenizerDescription(
            model: vocabulary.model, preTokenizer: vocabulary.preTokenizer ?? "(none named)",
            tokens: TokenTexts(bytes: tokens.bytes, ends: tokens.ends), tokenTypes: vocabulary.tokenTypes ?? [],
            scores: vocabulary.scores ?? [],
            merges: merges.map { TokenTexts(bytes: $0.bytes, ends: $0.ends) } ?? TokenTexts(),
            // BERT begins with its classification token.
            bos: isBERT
                ? vocabulary.classification ?? vocabulary.beginningOfSequence : vocabulary.beginningOfSequence,
            eos: vocabulary.endOfSequence, eot: vocabulary.endOfTurn, unknown: vocabulary.unknown,
            padding: vocabulary.padding, separator: vocabulary.separator,
            addBOS: vocabulary.addsBeginningOfSequence, addEOS: vocabulary.addsEndOfSequence,
            addSpacePrefix: vocabulary.addsSpacePrefix)
        description.removeExtraSpaces = vocabulary.removesExtraSpaces
        description.characterMap = vocabulary.characterMap ?? []
        description.lowercases = vocabulary.lowercases
        description.stripsAccents = vocabulary.stripsAccents
        return description
    }
}
