import LengthPrediction
import Scheduling
import Testing

@Suite("Learning lengths")
struct TrainingTests {
    private static let planted = PlantedAnswers().examples(1500)
    private static let trained = Result { try LengthTrainer(planted, options: .small).train() }

    private func row(_ name: String, _ evaluation: LengthEvaluation) throws -> LengthEvaluation.Row {
        try #require(evaluation.rows.first { $0.name == name })
    }

    @Test(arguments: LearnedLengths.Kind.allCases)
    func whatFollowsFromThePromptIsLearned(kind: LearnedLengths.Kind) throws {
        let heldOut = try Self.trained.get().heldOut
        let learned = try row(kind.rawValue, heldOut)
        for name in ["constant", "prompt-length", "history:50", "history:75", "history:90"] {
            let simple = try row(name, heldOut)
            #expect(learned.accuracy > 1.3 * simple.accuracy, "\(name)")
            #expect(learned.classError < 0.75 * simple.classError, "\(name)")
            #expect(learned.tokenError < 0.75 * simple.tokenError, "\(name)")
            // The means of true classes are not those of predicted ones: only calibration makes sums right.
            guard kind == .quantiles else { continue }
            #expect(learned.sumError64 < 0.85 * simple.sumError64, "\(name)")
            #expect(learned.sumError256 < simple.sumError256, "\(name)")
        }
        #expect(heldOut.answers == LengthParts(Self.planted).heldOut.count)
    }

    @Test func forecastsAreRightInTheSum() throws {
        let trained = try Self.trained.get()
        #expect(abs(try row("quantiles", trained.heldOut).bias) < 0.06)
        #expect(abs(try row("quantiles", trained.validation).bias) < 0.02)
        let predictor = try #require(trained.predictors.first { $0.kind == .quantiles })
        // Answers that were never near the training, and each quarter of them by what was expected.
        var source = PlantedAnswers()
        source.seed = 99
        let pairs = source.examples(2000).map { example in
            (
                expected: predictor.forecast(features: example.features, promptTokens: example.promptTokens).mean,
                produced: Double(example.produced)
            )
        }.sorted { $0.expected < $1.expected }
        for quarter in 0..<4 {
            let part = pairs[(quarter * 500)..<(quarter * 500 + 500)]
            let ratio = part.reduce(0) { $0 + $1.expected } / part.reduce(0) { $0 + $1.produced }
            #expect(abs(ratio - 1) < 0.15, "quarter \(quarter): \(ratio)")
        }
    }

    @Test func anEighthOfTheAnswersIsBelowTheLowestOctile() throws {
        let predictor = try #require(try Self.trained.get().predictors.first { $0.kind == .quantiles })
        var source = PlantedAnswers()
        source.seed = 5
        let examples = source.examples(2000)
        // The middle between the second and the third octile's means is about the quarter.
        let below = examples.count { example in
            let tokens = predictor.forecast(features: example.features, promptTokens: example.promptTokens).tokens
            return 2 * example.produced < tokens[1] + tokens[2]
        }
        #expect((0.2...0.3).contains(Double(below) / 2000))
    }

    @Test func theBetterKindIsChosen() throws {
        let trained = try Self.trained.get()
        let best = trained.validation.rows.min { $0.sumError < $1.sumError }
        #expect(trained.chosen.kind.rawValue == best?.name)
        #expect(trained.predictors.map(\.kind) == [.classes, .quantiles])
        #expect(trained.answers == LengthParts(Self.planted).learning.count)
    }

    @Test func theSameDataInAnyOrderGiveTheSamePredictor() throws {
        let examples = Array(Self.planted.prefix(300))
        var options = TrainingOptions.small
        options.epochs = 3
        let first = try LengthTrainer(examples, options: options).train()
        let second = try LengthTrainer(examples.reversed(), options: options).train()
        #expect(first.predictors == second.predictors)
        #expect(first.heldOut == second.heldOut)
        #expect(first.dataDigest == second.dataDigest)
        options.seed = 2
        #expect(try LengthTrainer(examples, options: options).train().predictors != first.predictors)
    }

    @Test func progressIsTold() throws {
        var options = TrainingOptions.small
        options.epochs = 2
        var told: [TrainingProgress] = []
        _ = try LengthTrainer(Array(Self.planted.prefix(200)), options: options).train { told.append($0) }
        #expect(told.count == 2 * 4 * 2)
        #expect(told.map(\.epoch).max() == 2 && told.map(\.fold).max() == 3)
        #expect(told.allSatisfy { $0.validationLoss.isFinite && $0.validationLoss > 0 })
    }

    @Test func answersThatWereCutAreLearnedFrom() throws {
        var source = PlantedAnswers()
        source.limit = 120
        let examples = source.examples(1500)
        #expect((300...1200).contains(examples.count(where: \.isCut)))
        let trained = try LengthTrainer(examples, options: .small).train()
        let constant = try row("constant", trained.heldOut)
        for name in ["classes", "quantiles"] {
            #expect(try row(name, trained.heldOut).accuracy > 1.2 * constant.accuracy, "\(name)")
        }
        #expect(try row("quantiles", trained.heldOut).sumError64 < 0.9 * constant.sumError64)
        // No answer was longer, so none is expected to be.
        for example in examples.prefix(100) {
            let forecast = trained.chosen.forecast(features: example.features, promptTokens: example.promptTokens)
            #expect(forecast.tokens.allSatisfy { (1...120).contains($0) })
        }
    }

    @Test func shortLimitsDoNotMakeAnswersShort() throws {
        // Every other answer was cut at 40 tokens; what they would have had is seen in the others.
        let whole = PlantedAnswers().examples(2000)
        let mixed = whole.enumerated().map { index, example in
            guard index % 2 == 0, example.produced > 40 else { return example }
            return LengthExample(
                digest: example.digest, features: example.features, promptTokens: example.promptTokens, produced: 40,
                limit: 40, isCut: true)
        }
        let predictor = try LengthTrainer(mixed, options: .small).train().chosen
        let expected = whole.reduce(0) {
            $0 + predictor.forecast(features: $1.features, promptTokens: $1.promptTokens).mean
        }
        let ratio = expected / Double(whole.reduce(0) { $0 + $1.produced })
        #expect(abs(ratio - 1) < 0.12, "\(ratio)")
    }

    @Test func answersOfOneLengthAreExpectedToHaveIt() throws {
        let examples = Self.planted.prefix(200).map { example in
            LengthExample(
                digest: example.digest, features: example.features, promptTokens: example.promptTokens, produced: 77)
        }
        let trained = try LengthTrainer(examples, options: .small).train()
        for predictor in trained.predictors {
            let forecast = predictor.forecast(features: examples[0].features, promptTokens: 1)
            #expect(forecast == LengthForecast(tokens: 77))
            #expect(predictor.classes.count == 1)
        }
    }
}

@Suite("Forecasts of anything")
struct AnyForecastTests {
    private static let trained = Result { try LengthTrainer(PlantedAnswers().examples(400), options: .small).train() }

    @Test(arguments: LearnedLengths.Kind.allCases)
    func nothingMakesAForecastFail(kind: LearnedLengths.Kind) throws {
        let predictor = try #require(try Self.trained.get().predictors.first { $0.kind == kind })
        let any = predictor.forecast(features: [], promptTokens: 5)
        #expect(abs(any.mean - predictor.overallMean) < 1)
        let rows: [[Float]] = [
            [Float](repeating: .nan, count: 12), [Float](repeating: .infinity, count: 12),
            [Float](repeating: 0, count: 11), [Float](repeating: .greatestFiniteMagnitude, count: 12),
        ]
        for row in rows { #expect(predictor.forecast(features: row, promptTokens: 5) == any) }
        for size: Float in [0, 1e-30, 1, -1e6, 1e20] {
            for promptTokens in [.min, -1, 0, 1, 1 << 40, .max] {
                let row = [Float](repeating: size, count: 12)
                let forecast = predictor.forecast(features: row, promptTokens: promptTokens)
                #expect(forecast.tokens.allSatisfy { $0 >= 1 })
            }
        }
    }

    @Test func noLengthIsAboveTheLimit() throws {
        let predictor = try Self.trained.get().chosen
        let row = [Float](repeating: 0, count: 12)
        let free = predictor.forecast(features: row, promptTokens: 9)
        #expect(predictor.forecast(features: row, promptTokens: 9, limit: 50).tokens == free.tokens.map { min($0, 50) })
        #expect(predictor.forecast(features: row, promptTokens: 9, limit: 0) == LengthForecast(tokens: 1))
        #expect(predictor.forecast(features: [], promptTokens: 9, limit: 3) == LengthForecast(tokens: 3))
    }

    @Test func tooFewAnswersAreRefused() {
        let examples = PlantedAnswers().examples(LengthTrainer.fewestAnswers - 1)
        let error = #expect(throws: PredictionError.self) { try LengthTrainer(examples) }
        #expect(error?.code == .tooFewAnswers)
        #expect(error?.message.contains("99") == true && error?.message.contains("100") == true)
        // All answers to one prompt are in one part.
        let one = PlantedAnswers().examples(200).map {
            LengthExample(digest: 3, features: $0.features, promptTokens: 1, produced: 5)
        }
        #expect(throws: PredictionError.self) { try LengthTrainer(one) }
        #expect(throws: PredictionError.self) { try LengthEvaluation.onHeldOut(LengthParts(one), learned: []) }
    }

    @Test(arguments: [[Float](repeating: 0, count: 3), [Float](repeating: .nan, count: 12), [.infinity], [1e16], []])
    func featuresThatCannotBeAreRefused(features: [Float]) {
        var examples = PlantedAnswers().examples(150)
        examples[120] = LengthExample(digest: 0xABC, features: features, promptTokens: 1, produced: 5)
        let error = #expect(throws: PredictionError.self) { try LengthTrainer(examples) }
        #expect(error?.code == .badEncoder)
        #expect(error?.message.contains("prompt abc") == true)
        let none = examples.map { LengthExample(digest: $0.digest, features: [], promptTokens: 1, produced: 5) }
        #expect(throws: PredictionError.self) { try LengthTrainer(none) }
    }
}
