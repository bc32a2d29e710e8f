import LengthPrediction
import Platform

/// Where a trained predictor of answer lengths is.
public struct PredictorSource: Sendable, Hashable {
    /// The file that `tideway predictor train` wrote.
    public var path: String
    /// The folder of the encoder that it reads prompts with; nil: the one that it was trained with.
    public var encoder: String?

    public init(path: String, encoder: String? = nil) {
        self.path = path
        self.encoder = encoder
    }

    private static let mostBytes = 1 << 30

    /// The predictor's file.
    /// - Throws: `BatchError` that names the file and what is wrong with it.
    package func read() throws(BatchError) -> PredictorFile {
        let bytes = try SmallFile.read(path, most: Self.mostBytes) { BatchError(.badPredictor, $0) }
        do { return try PredictorFile(parsing: bytes) } catch { throw BatchError(.badPredictor, "\(path): \(error)") }
    }
}
