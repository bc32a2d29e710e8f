import Inference
import LengthPrediction
import OpenAIProtocol
import Platform

/// The answers on which a predictor is trained or evaluated, and how their prompts are read.
package struct PredictorDataOptions: Sendable {
    /// A file of answers, as recorded by runs.
    package var historyPath: String
    /// A file with the texts of their prompts: requests in the form that `run` reads, or a workload.
    package var promptsPath: String
    /// The model that answered.
    package var modelPath: String
    /// The number of threads that read prompts.
    package var threads = 1

    package init(historyPath: String, promptsPath: String, modelPath: String) {
        self.historyPath = historyPath
        self.promptsPath = promptsPath
        self.modelPath = modelPath
    }
}

/// Answers of one model, together with an encoder's features of their prompts.
package struct PredictorData: Sendable {
    package let examples: [LengthExample]
    package let origin: PredictorOrigin
    /// Notices for the user about the files, one line each.
    package let notices: [String]
    /// Seconds that the encoder took for all prompts.
    package let encoderSeconds: Double
    private let model: TextModel
    /// The prompt's text of each example.
    private let texts: [String]

    /// Data for training, with a chosen encoder.
    /// - Parameters:
    ///   - window: the most tokens of a prompt that the encoder reads.
    ///   - keep: which tokens of a longer prompt it reads.
    package init(_ options: PredictorDataOptions, encoder folder: String, window: Int, keep: Window) throws {
        let model = try TextModel(path: options.modelPath)
        let encoder = try PromptEncoder.open(folder, threads: options.threads)
        guard (3...encoder.longestWindow).contains(window) else {
            throw BatchError(
                .badOption, "a window of \(window) tokens; encoder \(encoder.name) reads 3...\(encoder.longestWindow)")
        }
        let origin = PredictorOrigin(
            encoder: encoder.name, encoderFolder: folder, encoderFingerprint: encoder.fingerprint, window: window,
            keep: keep, model: model.name, modelFingerprint: model.fingerprint)
        try self.init(options, model, PromptEncoder(encoder, origin: origin))
    }

    /// Data for the evaluation of a predictor, with prompts read in the way that the predictor reads them.
    package init(_ options: PredictorDataOptions, as source: PredictorSource) throws {
        let model = try TextModel(path: options.modelPath)
        let forecaster = try LengthForecaster(source, model: model, threads: options.threads)
        try self.init(options, model, forecaster.encoder)
    }

    private init(_ options: PredictorDataOptions, _ model: TextModel, _ encoder: PromptEncoder) throws {
        self.model = model
        origin = encoder.origin
        let history = try AnswerHistory.read(options.historyPath).history
        let prompts = try PromptsFile(path: options.promptsPath, model: model)
        let own = history.records(ofModel: model.fingerprint)
        let known = own.compactMap { record in prompts[record.promptDigest].map { (record: record, text: $0) } }
        var notices: [String] = []
        if let note = history.note { notices.append("\(options.historyPath): \(note)") }
        if own.count < history.records.count {
            notices.append("\(history.records.count - own.count) answers are of other models and were left out")
        }
        if known.count < own.count {
            notices.append("\(own.count - known.count) answers have no prompt in \(options.promptsPath)")
        }
        if prompts.refused > 0 { notices.append("\(prompts.refused) lines of \(options.promptsPath) hold no prompt") }
        self.notices = notices
        guard !known.isEmpty else {
            throw BatchError(
                .badHistory,
                "\(options.historyPath) has 0 answers of \(model.name) to prompts of \(options.promptsPath); at least "
                    + "1 is needed")
        }
        let clock = ContinuousClock()
        let begin = clock.now
        let features = try encoder.features(of: known.map(\.text))
        encoderSeconds = (clock.now - begin).seconds
        // Nothing can be learned from a prompt that the encoder cannot read.
        let readable = known.indices.filter { !features[$0].isEmpty }
        examples = readable.map { LengthExample(known[$0].record, features: features[$0]) }
        texts = readable.map { known[$0].text }
    }

    /// Compares a predictor with simple predictors on the held-out answers.
    /// - Throws: `PredictionError` if there are no answers for the simple predictors to learn from, or none held out.
    package func evaluation(of predictor: LearnedLengths) throws(PredictionError) -> LengthEvaluation {
        try LengthEvaluation.onHeldOut(LengthParts(examples), learned: [predictor])
    }

    /// The held-out answers as a benchmark's workload, one line each: prompts as plain text, the lengths of the
    /// answers, and a predictor's forecast of each answer.
    package func heldOutWorkload(_ predictor: LearnedLengths) throws -> [UInt8] {
        var textOf: [UInt64: String] = [:]
        for (example, text) in zip(examples, texts) { textOf[example.digest] = text }
        var bytes: [UInt8] = []
        for example in LengthParts(examples).heldOut {
            guard let text = textOf[example.digest], example.produced > 0 else { continue }
            let tokens = try model.tokenizer.encode(text, special: .asText, addingSequenceTokens: true)
            let forecast = predictor.forecast(
                features: example.features, promptTokens: example.promptTokens, limit: example.limit)
            let line = JSONValue.object([
                JSONMember("id", .string(String(example.digest, radix: 16))), JSONMember("prompt", .string(text)),
                JSONMember("prompt_tokens", .int(Int64(tokens.count))),
                JSONMember("output_tokens", .int(Int64(example.produced))), JSONMember("forecast", forecast.json),
            ])
            bytes += line.encoded() + CollectionOfOne(UInt8(ascii: "\n"))
        }
        return bytes
    }
}
