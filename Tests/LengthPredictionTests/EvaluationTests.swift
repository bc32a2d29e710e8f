import LengthPrediction
import Scheduling
import Testing

@Suite("Judging predictors")
struct EvaluationTests {
    private let parts = LengthParts(PlantedAnswers().examples(800))

    private func row(_ name: String, _ evaluation: LengthEvaluation) throws -> LengthEvaluation.Row {
        try #require(evaluation.rows.first { $0.name == name })
    }

    @Test func theOracleIsAlwaysRight() throws {
        let evaluation = try LengthEvaluation.onHeldOut(parts, learned: [])
        #expect(
            evaluation.rows.map(\.name)
                == ["constant", "prompt-length", "history:50", "history:75", "history:90", "oracle"])
        let oracle = try row("oracle", evaluation)
        #expect(oracle.accuracy == 1 && oracle.classError == 0 && oracle.tokenError == 0)
        #expect(oracle.sumError64 == 0 && oracle.sumError256 == 0 && oracle.bias == 0)
        #expect(evaluation.cuts == AnswerClasses(parts.learning.map { .init(tokens: $0.produced, isCut: false) }).cuts)
    }

    @Test func aConstantIsRightInOneClassAndWrongByTheSpread() throws {
        let evaluation = try LengthEvaluation.onHeldOut(parts, learned: [])
        let constant = try row("constant", evaluation)
        let heldOut = parts.heldOut.map { Double($0.produced) }
        let mean = parts.learning.reduce(0.0) { $0 + Double($1.produced) } / Double(parts.learning.count)
        let expected = heldOut.reduce(0) { $0 + abs($1 - mean.rounded()) } / Double(heldOut.count)
        #expect(abs(constant.tokenError - expected) < 1e-9)
        let bias = Double(heldOut.count) * mean.rounded() / heldOut.reduce(0, +) - 1
        #expect(abs(constant.bias - bias) < 1e-9)
        // Errors of four times as many answers are half as large, but for what all have in common.
        #expect(constant.sumError256 < constant.sumError64)
        #expect((0.1...0.5).contains(constant.accuracy))
        // The median is best for single answers, and too short for sums.
        let median = try row("history:50", evaluation)
        #expect(median.tokenError < constant.tokenError)
        #expect(median.bias < -0.05 && median.sumError256 > constant.sumError256)
    }

    @Test func aLimitBoundsWhatIsPredicted() throws {
        var source = PlantedAnswers()
        source.limit = 30
        let evaluation = try LengthEvaluation.onHeldOut(LengthParts(source.examples(400)), learned: [])
        // Nearly all answers reach their limit, and no predictor goes beyond it.
        #expect(evaluation.rows.allSatisfy { $0.bias < 0.1 })
        #expect(try row("history:90", evaluation).accuracy > 0.8)
    }

    @Test func theFiguresAreWrittenAsJSON() throws {
        let evaluation = try LengthEvaluation.onHeldOut(parts, learned: [])
        let json = evaluation.json
        #expect(json["answers"]?.integer == Int64(parts.heldOut.count))
        #expect(json["cuts"]?.elements?.count == 4)
        let first = try #require(json["rows"]?.elements?.first)
        #expect(
            first.members?.map(\.key) == [
                "name", "accuracy", "class_error", "token_error", "sum_error_64", "sum_error_256", "bias",
            ])
        #expect(first["sum_error_64"]?.number == evaluation.rows[0].sumError64)
    }
}
