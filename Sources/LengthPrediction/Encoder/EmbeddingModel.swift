import CPUDevice
import ModelFiles
import Scheduling
import TextEncoders
import Tokenization

/// A sentence encoder with its tokenizer, such as all-MiniLM-L6-v2: turns a text into a vector of unit length, so that
/// the cosine of two texts is the dot product of their vectors.
///
/// Not thread-safe.
package final class EmbeddingModel {
    /// The name of the folder.
    package let name: String
    /// The fingerprint of the weights' file: tells encoders apart, but does not protect against forgery.
    package let fingerprint: UInt64
    private let encoder: TextEncoder
    private let tokenizer: Tokenizer
    private let classification: TokenID
    private let separator: TokenID

    /// The number of floats in a vector.
    package var width: Int { encoder.configuration.hidden }
    /// The most tokens that a window may have.
    package var longestWindow: Int { encoder.configuration.longest }

    /// The most bytes of `config.json` and `tokenizer.json` that are read.
    private static let textLimit = 256 << 20

    /// Opens a folder in the form that Hugging Face's libraries save: `config.json`, `tokenizer.json` and
    /// `model.safetensors`.
    /// - Parameters:
    ///   - precision: the precision of the encoder's products; vectors with `.int8` have a cosine of at least 0.998 to
    ///     those with `.f32`.
    ///   - threads: at least 1; no bit of a vector depends on the number.
    /// - Throws: `PredictionError` (`badEncoder`) that names the file and what is wrong with it, or `ModelFileError`.
    package init(folder: String, precision: Precision = .f32, threads: Int = 1) throws {
        name = folder.split(separator: "/").last.map(String.init) ?? folder
        let configuration = try Self.reading("config.json", of: folder) { path in
            try EncoderSettings(Self.bytes(path)).configuration()
        }
        tokenizer = try Self.reading("tokenizer.json", of: folder) { path in try Tokenizer(json: Self.bytes(path)) }
        guard let first = tokenizer.bos, let last = tokenizer.eos else {
            throw PredictionError(
                .badEncoder, "\(folder)/tokenizer.json puts no tokens around a text, such as [CLS] and [SEP]")
        }
        (classification, separator) = (first, last)
        let file = try SafetensorsFile(path: folder + "/model.safetensors")
        fingerprint = ModelFingerprint.of(file)
        encoder = try Self.reading("model.safetensors", of: folder) { _ in
            try TextEncoder(file, configuration: configuration, precision: precision, threads: threads)
        }
    }

    /// The tokens of a text, with the special tokens around it, at most `window` tokens in all. The name of a special
    /// token within the text is ordinary text.
    /// - Parameters:
    ///   - window: 3...`longestWindow`.
    ///   - keep: which tokens of a longer text stay.
    /// - Throws: `PredictionError` (`badPrompts`) for another window, `TokenizationError` for a text of 2^31 bytes.
    package func tokens(_ text: String, window: Int = 256, keep: Window = .first) throws -> [TokenID] {
        guard window >= 3, window <= longestWindow else {
            throw PredictionError(.badPrompts, "the window is \(window) tokens; it must lie in 3...\(longestWindow)")
        }
        let tokens = try tokenizer.encode(text, special: .asText)
        return [classification] + keep.cut(tokens, to: window - 2) + [separator]
    }

    /// One vector [width] of unit length per text. The bits of a vector do not depend on the other texts.
    /// - Throws: the errors of `tokens` and `embed(tokens:)`.
    package func embed(_ texts: [String], window: Int = 256, keep: Window = .first) throws -> [[Float]] {
        try embed(tokens: texts.map { try tokens($0, window: window, keep: keep) })
    }

    /// One vector [width] of unit length per text, for texts that are tokens already, with the special tokens around
    /// them.
    /// - Throws: `DeviceError` for tokens that the encoder cannot take, `PredictionError` (`badEncoder`) if the length
    ///   of a vector is zero or not finite.
    package func embed(tokens: [[TokenID]]) throws -> [[Float]] {
        try encoder.embed(tokens).map { vector in
            let square = vector.reduce(0.0) { $0 + Double($1) * Double($1) }
            guard square > 0, square.isFinite else {
                throw PredictionError(
                    .badEncoder, "a vector of encoder '\(name)' has the length \(square.squareRoot())")
            }
            let inverse = 1 / square.squareRoot()
            return vector.map { Float(Double($0) * inverse) }
        }
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        let file = try MappedFile(path: path)
        guard file.count <= textLimit else {
            throw PredictionError(.badEncoder, "the file has \(file.count) bytes; the limit is \(textLimit)")
        }
        return file.withUnsafeBytes(in: 0..<file.count) { Array($0) }
    }

    /// Runs `body` with the path of one of the folder's files, and puts the path before the messages of its errors.
    private static func reading<Result>(_ file: String, of folder: String, _ body: (String) throws -> Result) throws
        -> Result
    {
        let path = folder + "/" + file
        do {
            return try body(path)
        } catch let error as ModelFileError {
            throw error
        } catch {
            throw PredictionError(.badEncoder, "\(path): \(error)")
        }
    }
}
