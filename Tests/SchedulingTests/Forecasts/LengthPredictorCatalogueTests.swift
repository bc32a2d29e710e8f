import Scheduling
import Testing

@Suite struct LengthPredictorCatalogueTests {
    private func make(_ text: String) -> String {
        do {
            return try LengthPredictorCatalogue.predictor(named: text, respectsLimit: true).name
        } catch {
            #expect(error.code == .unknownPredictor)
            return error.message
        }
    }

    @Test func everyNameNamesAPredictor() {
        for name in LengthPredictorCatalogue.names {
            #expect(make(name).hasPrefix(name))
            #expect(LengthPredictorCatalogue.usage.contains(name))
        }
        #expect(make("constant") == "constant:256")
        #expect(make("constant:7") == "constant:7")
        #expect(make("history:90") == "history:90")
    }

    @Test func theFlagAndTheValueArriveAtThePredictor() throws {
        let facts = AnswerFacts(request: RequestID(0), promptTokens: 1, generated: 0, limit: 20)
        for name in ["constant:300", "prompt-length", "history", "history:50", "learned"] {
            let bound = try LengthPredictorCatalogue.predictor(named: name, respectsLimit: true)
            let free = try LengthPredictorCatalogue.predictor(named: name, respectsLimit: false)
            #expect(bound.answerTokens(facts) == 20)
            #expect(free.answerTokens(facts) == (name == "constant:300" ? 300 : 256))
        }
        var percentile = try LengthPredictorCatalogue.predictor(named: "history:25", respectsLimit: false)
        for length in 1...100 { percentile.observe(promptTokens: 1, generated: length) }
        #expect(percentile.answerTokens(facts) == 26)
    }

    @Test func whatIsNotAllowedIsToldWithWhatIs() {
        for text in ["", "Oracle", "oracle:3", "prompt-length:2", "learned:3", "histories", ":", " history"] {
            #expect(
                make(text) == "there is no length predictor '\(text)'; predictors: \(LengthPredictorCatalogue.usage)")
        }
        for value in ["", "0", "-1", "100000001", "1e3", "x", "7 ", "99999999999999999999"] {
            #expect(
                make("constant:\(value)")
                    == "length predictor 'constant:\(value)': '\(value)' is not a whole number from 1 to 100000000")
        }
        for value in ["0", "100", "0.9", "50:1"] {
            #expect(make("history:\(value)").hasSuffix("'\(value)' is not a whole number from 1 to 99"))
        }
    }
}
