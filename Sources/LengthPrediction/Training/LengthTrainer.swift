import Scheduling

/// Learns to predict the lengths of one model's answers.
///
/// Four fifths of the answers are learned from (`LengthParts`). Each of four perceptrons validates on one of these
/// fifths and learns from the other three. The mean of the perceptrons is the predictor's score. The scores of each
/// perceptron on the fifth that it did not learn from calibrate the forecasts and compare the two kinds. The last fifth
/// is only used for the evaluation.
package struct LengthTrainer: Sendable {
    /// The least number of answers.
    package static let fewestAnswers = 100
    private static let possibleWidths = 1...65_536

    private let parts: LengthParts
    private let options: TrainingOptions
    private let classes: AnswerClasses
    private let overall: LengthOctiles
    private let scaler: FeatureScaler

    /// - Parameter examples: answers of one model, in any order.
    /// - Throws: `too_few_answers`, or `bad_encoder` for features that differ in number, or are too large or not
    ///   finite.
    package init(_ examples: [LengthExample], options: TrainingOptions = TrainingOptions()) throws(PredictionError) {
        options.check()
        try Self.check(examples)
        self.options = options
        parts = LengthParts(examples)
        let sizes = (parts.learned + [parts.heldOut]).map(\.count)
        guard !sizes.contains(0) else {
            throw PredictionError(
                .tooFewAnswers, "the five parts of the answers have \(sizes) answers; each needs at least 1")
        }
        let outcomes = parts.learning.map(\.outcome)
        classes = AnswerClasses(outcomes)
        overall = LengthOctiles(LengthDistribution(outcomes).octileMeans)
        // Without the part that validates the first perceptron, as if there were only this perceptron.
        scaler = FeatureScaler(parts.learned[1...].flatMap { $0 }.map { Self.inputs($0, options) })
    }

    /// Trains both kinds and compares them.
    ///
    /// - Parameter report: called after each pass over the data.
    package func train(report: (TrainingProgress) -> Void = { _ in }) -> TrainedLengths {
        let results = LearnedLengths.Kind.allCases.map { fit($0, report: report) }
        let learning = parts.learning
        let methods = results.map { ($0.predictor.kind.rawValue, $0.forecasts) }
        let validation = LengthEvaluation(methods, of: learning, classes: classes, seed: options.seed)
        let best = validation.rows.indices.min { validation.rows[$0].sumError < validation.rows[$1].sumError } ?? 0
        let predictors = results.map(\.predictor)
        return TrainedLengths(
            predictors: predictors, chosen: predictors[best], answers: learning.count, dataDigest: parts.digest,
            validation: validation,
            heldOut: LengthEvaluation(heldOutOf: parts, learned: predictors, seed: options.seed))
    }

    private struct Fit {
        let predictor: LearnedLengths
        /// The forecast of each learned example, by a perceptron and a calibration that had not seen the example.
        let forecasts: [LengthForecast]
    }

    private func fit(_ kind: LearnedLengths.Kind, report: (TrainingProgress) -> Void) -> Fit {
        let target = LengthTarget(kind, classes: classes, learning: parts.learning)
        let rows = parts.learned.map { part in
            var rows = TrainingRows(width: scaler.means.count)
            for example in part {
                rows.add(scaler.scaled(Self.inputs(example, options)), target: target.scaled(example))
            }
            return rows
        }
        let perceptrons = rows.indices.map { fold in
            perceptron(fold, rows) {
                report(TrainingProgress(kind: kind, fold: fold, epoch: $0, validationLoss: $1))
            }
        }
        let head = LengthHead(
            scaler: scaler, perceptrons: perceptrons, targetMean: target.mean, targetDeviation: target.deviation,
            usesPromptLength: options.usesPromptLength)
        let unseen = zip(perceptrons, zip(rows, parts.learned)).map { perceptron, part in
            zip(perceptron.results(of: part.0.inputs), part.1).map { result, example in
                CalibrationCurve.Answer(
                    score: head.value(Double(result)) ?? Double(target.mean), outcome: example.outcome)
            }
        }
        let reading: LearnedLengths.Reading =
            kind == .classes ? .classes : .quantiles(CalibrationCurve(unseen.flatMap { $0 }))
        let predictor = LearnedLengths(head: head, reading: reading, overall: overall, classes: classes)
        return Fit(predictor: predictor, forecasts: unseenForecasts(predictor, unseen))
    }

    private func perceptron(
        _ fold: Int, _ rows: [TrainingRows], report: (Int, Double) -> Void
    ) -> Perceptron {
        var seen = TrainingRows(width: scaler.means.count)
        for (other, part) in rows.enumerated() where other != fold { seen.add(part) }
        // Both kinds start from the same weights, so that they differ only in what they learn.
        var training = PerceptronTraining(
            inputs: scaler.means.count, options: options, seed: options.seed &* 1000 &+ UInt64(fold))
        training.run(seen, validation: rows[fold], report: report)
        return training.perceptron
    }

    private func unseenForecasts(
        _ predictor: LearnedLengths, _ unseen: [[CalibrationCurve.Answer]]
    ) -> [LengthForecast] {
        unseen.indices.flatMap { fold in
            var judged = predictor
            if predictor.kind == .quantiles {
                let others = unseen.indices.filter { $0 != fold }.flatMap { unseen[$0] }
                judged = LearnedLengths(
                    head: predictor.head, reading: .quantiles(CalibrationCurve(others)), overall: overall,
                    classes: classes)
            }
            return zip(unseen[fold], parts.learned[fold]).map { answer, example in
                judged.octiles(at: answer.score).forecast(limit: example.limit)
            }
        }
    }

    private static func inputs(_ example: LengthExample, _ options: TrainingOptions) -> [Float] {
        LengthHead.inputs(
            example.features, promptTokens: example.promptTokens, usesPromptLength: options.usesPromptLength)
    }

    private static func check(_ examples: [LengthExample]) throws(PredictionError) {
        guard examples.count >= fewestAnswers else {
            throw PredictionError(
                .tooFewAnswers,
                "there are \(examples.count) answers to learn from; at least \(fewestAnswers) are needed")
        }
        let width = examples[0].features.count
        guard possibleWidths.contains(width) else {
            throw PredictionError(
                .badEncoder,
                "the encoder gives \(width) numbers a prompt; \(possibleWidths.lowerBound) to "
                    + "\(possibleWidths.upperBound) are possible")
        }
        for example in examples {
            let prompt = "prompt \(String(example.digest, radix: 16))"
            guard example.features.count == width else {
                throw PredictionError(
                    .badEncoder, "\(prompt) has \(example.features.count) features; those before it have \(width)")
            }
            // Squares of the features are summed up, so even finite features may be too large.
            if let wrong = example.features.first(where: { !($0.magnitude < 1e15) }) {
                throw PredictionError(.badEncoder, "\(prompt) has a feature of \(wrong); below 1e15 is possible")
            }
        }
    }
}
