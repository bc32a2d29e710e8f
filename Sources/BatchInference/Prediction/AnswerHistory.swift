import Inference
import LengthPrediction
import OpenAIProtocol
import Platform
import Scheduling

/// A file of the lengths of answers, one line per answer (`LengthRecord`), to which runs append and on which predictors
/// are trained. It never contains the text of a prompt.
///
/// The history has a predictor of its own, which sees the same answers as the policy's predictor, so that each line
/// records the length that was expected when the request came.
package final class AnswerHistory: @unchecked Sendable {
    // Unchecked: the lock of `predictor` guards `file` too.
    private let file: AppendedFile
    private let model: UInt64
    private let contextLength: Int
    private let predictor: Guarded<any LengthPredictor>

    private static let mostBytes = 1 << 30

    /// Opens a history, or begins one. Cuts off a last line that is torn because an earlier writer was interrupted.
    /// - Parameters:
    ///   - model: the model that answers.
    ///   - predictor: a fresh predictor of the kind that the run uses.
    /// - Throws: `BatchError` for a file that cannot be read or written, or is not a history.
    package init(path: String, model: TextModel, predictor: any LengthPredictor) throws {
        self.model = model.fingerprint
        contextLength = try model.plan().contextLength
        self.predictor = Guarded(predictor)
        var separator: [UInt8] = []
        if FileIdentity.exists(path) {
            let (bytes, history) = try Self.read(path)
            let isTorn = history.soundBytes < bytes.count
            file = try AppendedFile(path: path, from: isTorn ? history.soundBytes : nil)
            if let last = bytes[..<history.soundBytes].last, last != UInt8(ascii: "\n") {
                separator = [UInt8(ascii: "\n")]
            }
        } else {
            file = try AppendedFile(path: path, from: nil)
        }
        try file.append(separator)
    }

    /// Reads the answers of a file.
    package static func read(_ path: String) throws(BatchError) -> (bytes: [UInt8], history: LengthHistory) {
        let bytes = try SmallFile.read(path, most: mostBytes) { BatchError(.badHistory, $0) }
        do { return (bytes, try LengthHistory(parsing: bytes)) } catch {
            throw BatchError(.badHistory, "\(path): \(error)")
        }
    }

    /// The expected tokens of an answer that is about to begin. An answer without a limit may fill the context.
    package func expected(_ spec: RequestSpec) -> Int {
        let room = max(1, contextLength - spec.prompt.count)
        let facts = AnswerFacts(
            request: spec.id, promptTokens: spec.prompt.count, generated: 0, limit: spec.maxNewTokens ?? room,
            forecast: spec.forecast)
        return predictor.withLock { $0.answerTokens(facts) }
    }

    /// Records an answer that came to its own end.
    /// - Parameters:
    ///   - prompt: the digest of the prompt's text.
    ///   - limit: the most tokens that the answer could have; nil: as many as the context allows.
    package func append(
        prompt: UInt64, promptTokens: Int, predicted: Int, produced: Int, limit: Int?, end: AnswerEnd
    ) throws(PlatformError) {
        let record = LengthRecord(
            promptDigest: prompt, promptTokens: promptTokens, predicted: predicted, produced: produced, limit: limit,
            endedBy: end == .length ? .length : .stop, model: model)
        try predictor.withLock { predictor throws(PlatformError) in
            predictor.observe(promptTokens: promptTokens, generated: produced)
            try file.append(record.line)
        }
    }

    /// Writes all buffered lines.
    package func flush() throws(PlatformError) { try file.flush() }
}
