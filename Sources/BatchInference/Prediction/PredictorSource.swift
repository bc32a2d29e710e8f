import LengthPrediction
import Platform

/// The paths of a trained predictor of answer lengths and its encoder.
public struct PredictorSource: Sendable, Hashable {
    /// The file that `tideway predictor train` wrote.
    public var path: String
    /// The folder of the encoder with which the predictor reads prompts; nil: the folder with which it was trained.
    public var encoder: String?

    public init(path: String, encoder: String? = nil) {
        self.path = path
        self.encoder = encoder
    }

    private static let mostBytes = 1 << 30

    /// Reads the predictor's file.
    /// - Throws: `BatchError` that names the file and what is wrong with it.
    package func read() throws(BatchError) -> PredictorFile {
        let bytes = try SmallFile.read(path, most: Self.mostBytes) { BatchError(.badPredictor, $0) }
        do { return try PredictorFile(parsing: bytes) } catch { throw BatchError(.badPredictor, "\(path): \(error)") }
    }
}
