import Tokenization

/// A file that a tokenizer is read from: a GGUF model, or Hugging Face's `tokenizer.json`.
public enum TokenizerFile {
    /// The most bytes of a tokenizer.json.
    static let mostBytes = 256 << 20

    /// Opens either kind of file, told apart by their first bytes.
    /// - Throws: the module errors of `ModelFiles` and `Tokenization`, or `BatchError` for a file that cannot be read.
    public static func open(_ path: String) throws -> Tokenizer {
        let begin: [UInt8]
        switch SmallFile.head(path, count: 4) {
        case .success(let bytes): begin = bytes
        case .failure(let failure): throw BatchError(.unreadableFile, "\(path) \(failure)")
        }
        if begin == Array("GGUF".utf8) || !path.hasSuffix(".json") { return try TextModel(path: path).tokenizer }
        switch SmallFile.read(path, most: mostBytes) {
        case .success(let bytes): return try Tokenizer(json: bytes)
        case .failure(let failure): throw BatchError(.unreadableFile, "\(path) \(failure)")
        }
    }
}
