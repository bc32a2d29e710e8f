import Platform

/// A `tokenizer.json` as Hugging Face writes it, split into the components that Tideway knows.
///
/// The code that reads a component lists what is supported; anything else is refused with an error that names it.
/// `truncation`, `padding` and `version` are ignored.
struct TokenizerFile {
    /// The range of each member of the file.
    private var members: [String: Range<Int>] = [:]
    /// The range of each member of the file's `model`.
    private var modelMembers: [String: Range<Int>] = [:]
    private let bytes: UnsafeBufferPointer<UInt8>

    /// - Parameter bytes: valid UTF-8, which must stay valid as long as the file is used.
    init(_ bytes: UnsafeBufferPointer<UInt8>) throws(TokenizationError) {
        self.bytes = bytes
        members = try Self.reading {
            var reader = Self.reader(bytes)
            let members = try Self.members(&reader)
            try reader.finish()
            return members
        }
        guard let model = members["model"] else {
            throw TokenizationError(.malformedFile, "tokenizer.json has no member 'model'")
        }
        modelMembers = try Self.reading {
            var reader = Self.reader(bytes, model)
            return try Self.members(&reader)
        }
    }

    /// A reader that turns lone surrogates, which old files have in their vocabulary, into U+FFFD.
    private static func reader(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>? = nil) -> JSONReader {
        JSONReader(bytes, range, replacesLoneSurrogates: true)
    }

    private static func members(_ reader: inout JSONReader) throws -> [String: Range<Int>] {
        var members: [String: Range<Int>] = [:]
        try reader.forEachMember { reader, key in
            members[String(decoding: key, as: UTF8.self)] = try reader.skipValue()
        }
        return members
    }

    /// The result of `body`; the reader's errors become errors of a tokenizer.json.
    static func reading<Result>(_ body: () throws -> Result) throws(TokenizationError) -> Result {
        do {
            return try body()
        } catch let error as TokenizationError {
            throw error
        } catch {
            let place = (error as? JSONError).map { ", byte \($0.offset): \($0.problem)" } ?? ": \(error)"
            throw TokenizationError(.malformedFile, "tokenizer.json" + place)
        }
    }

    /// The component `name`; null if the file has none.
    func component(_ name: String) throws(TokenizationError) -> TokenizerComponent {
        try component(members[name])
    }

    /// The model's setting `name`; null if the file has none.
    func setting(_ name: String) throws(TokenizationError) -> TokenizerComponent {
        try component(modelMembers[name])
    }

    private func component(_ range: Range<Int>?) throws(TokenizationError) -> TokenizerComponent {
        guard let range else { return .absent }
        return try Self.reading {
            var reader = Self.reader(bytes, range)
            return try TokenizerComponent(&reader)
        }
    }

    /// A reader at one of the model's large members, if the file has it.
    func reader(of member: String) -> JSONReader? { modelMembers[member].map { Self.reader(bytes, $0) } }

    /// A reader at one of the file's large members, if the file has it.
    func reader(ofFileMember member: String) -> JSONReader? { members[member].map { Self.reader(bytes, $0) } }

    /// The kind of the model: `BPE`, `Unigram` or `WordPiece`. Old files do not give the kind; if they have merges, it
    /// is BPE.
    func modelType() throws(TokenizationError) -> String {
        if let type = try setting("type").string { return type }
        return modelMembers["merges"] != nil ? "BPE" : "(none named)"
    }
}

extension Tokenizer {
    /// Builds a tokenizer from the bytes of a Hugging Face `tokenizer.json`.
    ///
    /// Supported are:
    /// - models: BPE (byte-level, or over characters with `byte_fallback`), Unigram, WordPiece;
    /// - normalizers: NFC, Prepend and Replace of the space by U+2581, Precompiled, Strip and Replace of runs of spaces
    ///   before Unigram, BertNormalizer, and sequences of them;
    /// - pre-tokenizers: ByteLevel, Digits, contiguous Punctuation, Split by the expressions of the models that
    ///   `TokenizerDescription.preTokenizer` can name, Metaspace, WhitespaceSplit, BertPreTokenizer, and sequences of
    ///   them;
    /// - post-processors: TemplateProcessing, ByteLevel, BertProcessing, RobertaProcessing, and sequences of them.
    ///
    /// The file does not name its tokens' roles: `bos` and `eos` are the tokens that the post-processor adds.
    /// - Throws: `malformedFile` for bytes that are not such a file, `unsupported` naming a component that is not
    ///   supported, `invalidVocabulary` for a file that contradicts itself.
    public init(json bytes: [UInt8]) throws(TokenizationError) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw TokenizationError(.malformedFile, "tokenizer.json: the \(bytes.count) bytes are not valid UTF-8")
        }
        let recipe = try bytes.withUnsafeBufferPointer { (bytes) throws(TokenizationError) in
            try TokenizerFile(bytes).recipe()
        }
        try self.init(recipe: recipe)
    }
}
