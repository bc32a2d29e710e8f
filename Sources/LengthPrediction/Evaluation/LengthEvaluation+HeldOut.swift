import Scheduling

extension LengthEvaluation {
    /// Evaluates learned and simple predictors on the held-out fifth. The simple predictors know the other four fifths:
    /// the mean of all answers, the means by prompt length, and percentiles. `oracle` is the truth, for comparison.
    ///
    /// A prediction is never above a request's limit. The classes are those of the first learned predictor, or of the
    /// four fifths if there is none.
    ///
    /// - Throws: `too_few_answers` if there are no answers to learn from, or none held out.
    package static func onHeldOut(
        _ parts: LengthParts, learned: [LearnedLengths], seed: UInt64 = 1
    ) throws(PredictionError) -> LengthEvaluation {
        let (learning, heldOut) = (parts.learning.count, parts.heldOut.count)
        guard learning > 0, heldOut > 0 else {
            throw PredictionError(
                .tooFewAnswers,
                "there are \(learning) answers to learn from and \(heldOut) to judge by; each needs at least 1")
        }
        return LengthEvaluation(heldOutOf: parts, learned: learned, seed: seed)
    }

    /// Evaluates learned and simple predictors on the held-out fifth, as `onHeldOut` does.
    ///
    /// - Precondition: `parts` has an answer to learn from.
    init(heldOutOf parts: LengthParts, learned: [LearnedLengths], seed: UInt64) {
        let learning = parts.learning
        let heldOut = parts.heldOut
        var methods = Self.simplePredictors(learning).map { predictor in
            (name: Self.name(of: predictor), forecasts: heldOut.map { Self.forecast(of: $0, by: predictor) })
        }
        for predictor in learned {
            let forecasts = heldOut.map {
                predictor.forecast(features: $0.features, promptTokens: $0.promptTokens, limit: $0.limit)
            }
            methods.append((predictor.kind.rawValue, forecasts))
        }
        methods.append(("oracle", heldOut.map { LengthForecast(tokens: $0.produced) }))
        let classes = learned.first?.classes ?? AnswerClasses(learning.map(\.outcome))
        self.init(methods, of: heldOut, classes: classes, seed: seed)
    }

    /// The predictors that the scheduler has without training, after they have observed these answers.
    private static func simplePredictors(_ learning: [LengthExample]) -> [any LengthPredictor] {
        let mean = LengthDistribution(learning.map(\.outcome)).mean.rounded()
        var predictors: [any LengthPredictor] = [
            ConstantPredictor(tokens: Int(min(max(mean, 1), 0x1p30)), respectsLimit: true),
            PromptLengthPredictor(respectsLimit: true),
        ]
        for share in [0.5, 0.75, 0.9] {
            predictors.append(
                HistoryPredictor(estimate: .percentile(share), respectsLimit: true, capacity: learning.count))
        }
        for index in predictors.indices {
            for example in learning {
                predictors[index].observe(promptTokens: example.promptTokens, generated: example.produced)
            }
        }
        return predictors
    }

    /// The predictor's name, without the tokens of a constant.
    private static func name(of predictor: any LengthPredictor) -> String {
        predictor is ConstantPredictor ? "constant" : predictor.name
    }

    private static func forecast(of example: LengthExample, by predictor: any LengthPredictor) -> LengthForecast {
        let limit = example.limit ?? LengthForecast.longest
        let facts = AnswerFacts(
            request: RequestID(0), promptTokens: example.promptTokens, generated: 0, limit: max(1, limit))
        return LengthForecast(tokens: predictor.answerTokens(facts))
    }
}
