import LengthPrediction
import Platform

/// The encoder of a predictor: reads the texts of prompts as numbers, in one fixed way.
package final class PromptEncoder: Sendable {
    /// Texts that are read at a time.
    private static let batch = 64

    private struct Model: @unchecked Sendable {
        // Unchecked: the lock that holds it lets one thread at it at a time.
        package let model: EmbeddingModel
    }
    private let model: Guarded<Model>
    package let origin: PredictorOrigin

    /// An encoder as predictors use it, in training and after: with 8-bit activations, which are 2.5 times as fast as exact
    /// ones and change no more of a vector than a cosine of 0.998.
    package static func open(_ folder: String, threads: Int) throws -> EmbeddingModel {
        try EmbeddingModel(folder: folder, precision: .int8, threads: threads)
    }

    /// The encoder that a predictor was trained with.
    /// - Throws: `BatchError` for a folder with another encoder; what is wrong with its files.
    package convenience init(folder: String, of origin: PredictorOrigin, threads: Int) throws {
        let model = try Self.open(folder, threads: threads)
        guard model.fingerprint == origin.encoderFingerprint else {
            throw BatchError(
                .badPredictor,
                "the predictor was trained with encoder \(origin.encoder) "
                    + "(\(String(origin.encoderFingerprint, radix: 16))), and \(folder) holds "
                    + "\(String(model.fingerprint, radix: 16))")
        }
        guard origin.window <= model.longestWindow else {
            throw BatchError(
                .badPredictor,
                "the predictor reads \(origin.window) tokens of a prompt; encoder \(origin.encoder) "
                    + "reads at most \(model.longestWindow)")
        }
        self.init(model, origin: origin)
    }

    package init(_ model: EmbeddingModel, origin: PredictorOrigin) {
        self.model = Guarded(Model(model: model))
        self.origin = origin
    }

    /// The numbers of each text; none where the encoder cannot read it, which makes a predictor expect what it expects
    /// of any answer.
    package func features(of texts: [String]) throws -> [[Float]] {
        try model.withLock { holder in
            var features: [[Float]] = []
            for first in stride(from: 0, to: texts.count, by: Self.batch) {
                let tokens = texts[first..<min(first + Self.batch, texts.count)].map {
                    (try? holder.model.tokens($0, window: origin.window, keep: origin.keep)) ?? []
                }
                var vectors = try holder.model.embed(tokens: tokens.filter { !$0.isEmpty })[...]
                features += tokens.map { $0.isEmpty ? [] : vectors.removeFirst() }
            }
            return features
        }
    }
}
