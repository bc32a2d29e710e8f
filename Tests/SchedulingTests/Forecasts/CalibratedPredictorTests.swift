import Scheduling
import Testing

/// The bias of a predictor, learned from answers that end and from those that still run.
@Suite struct CalibratedPredictorTests {
    private func facts(_ id: Int, generated: Int = 0) -> AnswerFacts {
        AnswerFacts(request: RequestID(id), promptTokens: 10, generated: generated, limit: 100_000)
    }

    @Test(arguments: [(3000, 300), (30, 300), (300, 300)])
    func theFactorIsThatOfTheAnswers(predicted: Int, length: Int) throws {
        var predictor = CalibratedPredictor.correcting(ConstantPredictor(tokens: predicted, respectsLimit: false))
        #expect(predictor.answerTokens(facts(0)) == predicted)
        for id in 0..<200 { predictor.observe(facts(id, generated: length)) }
        predictor.observe(running: [])
        let corrected = Double(predictor.answerTokens(facts(1000)))
        #expect(abs(corrected / Double(length) - 1) < 0.25, "the prior counts as four answers")
    }

    /// Short answers end first. Those that run keep the factor up.
    @Test func runningAnswersCount() throws {
        var predictor = CalibratedPredictor.correcting(ConstantPredictor(tokens: 300, respectsLimit: false))
        for id in 0..<20 { predictor.observe(facts(id, generated: 30)) }
        predictor.observe(running: (0..<180).map { facts(100 + $0, generated: 250) })
        #expect(predictor.answerTokens(facts(1000)) > 200)
        predictor.observe(running: [])
        #expect(predictor.answerTokens(facts(1000)) < 120)
    }

    @Test func whoKnowsOrLearnsIsLeftAlone() {
        #expect(CalibratedPredictor.correcting(OraclePredictor()) is OraclePredictor)
        #expect(CalibratedPredictor.correcting(HistoryPredictor(respectsLimit: true)) is HistoryPredictor)
    }
}
