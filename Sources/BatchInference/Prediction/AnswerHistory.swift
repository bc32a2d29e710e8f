import Inference
import LengthPrediction
import OpenAIProtocol
import Platform
import Scheduling

/// A file of what answers came to, one line an answer (`LengthRecord`), that runs append to and predictors are trained
/// on. It never holds a prompt's text.
///
/// It keeps a predictor of its own, which sees what the policy's sees, so that each line tells what was expected when
/// the request came.
package final class AnswerHistory: @unchecked Sendable {
    // Unchecked: the lock of `predictor` guards `file` too.
    private let file: AppendedFile
    private let model: UInt64
    private let contextLength: Int
    private let predictor: Guarded<any LengthPredictor>

    private static let mostBytes = 1 << 30

    /// Opens a history, or begins one. A last line that the end of an earlier writer tore is cut off.
    /// - Parameters:
    ///   - model: that answers.
    ///   - predictor: a fresh one of the kind that the run uses.
    /// - Throws: `BatchError` for a file that cannot be read or written, or is no history.
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

    /// The answers of a file.
    package static func read(_ path: String) throws(BatchError) -> (bytes: [UInt8], history: LengthHistory) {
        let bytes = try SmallFile.read(path, most: mostBytes) { BatchError(.badHistory, $0) }
        do { return (bytes, try LengthHistory(parsing: bytes)) } catch {
            throw BatchError(.badHistory, "\(path): \(error)")
        }
    }

    /// Tokens that are expected of an answer that is about to begin. One without a limit may fill the context.
    package func expected(_ spec: RequestSpec) -> Int {
        let room = max(1, contextLength - spec.prompt.count)
        let facts = AnswerFacts(
            request: spec.id, promptTokens: spec.prompt.count, generated: 0, limit: spec.maxNewTokens ?? room,
            forecast: spec.forecast)
        return predictor.withLock { $0.answerTokens(facts) }
    }

    /// Takes down an answer that came to its own end.
    /// - Parameters:
    ///   - prompt: the digest of its text.
    ///   - limit: the most tokens that it could have; nil: as many as the context allows.
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

    /// Writes what is still held back.
    package func flush() throws(PlatformError) { try file.flush() }
}
