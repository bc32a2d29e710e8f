import LengthPrediction
import Testing

@Suite("Histories of answers")
struct HistoryTests {
    private let full = LengthRecord(
        promptDigest: 0xFEDC_BA98_7654_3210, promptTokens: 12, predicted: 200, produced: 512, limit: 512,
        endedBy: .length, model: 0x516C_2774_BF96_7C4C)
    private let spare = LengthRecord(promptDigest: 1, promptTokens: 0, produced: 0, endedBy: .stop, model: 2)

    private func history(_ text: String) throws(PredictionError) -> LengthHistory {
        try LengthHistory(parsing: Array(text.utf8))
    }

    @Test func aRecordComesBackFromItsLine() throws {
        let history = try LengthHistory(parsing: full.line + spare.line)
        #expect(history.records == [full, spare])
        #expect(history.note == nil)
        #expect(history.soundBytes == full.line.count + spare.line.count)
        #expect(
            String(decoding: full.line, as: UTF8.self)
                == #"{"prompt":"fedcba9876543210","prompt_tokens":12,"predicted":200,"produced":512,"limit":512,"#
                + #""ended_by":"length","model":"516c2774bf967c4c"}"# + "\n")
        #expect(
            String(decoding: spare.line, as: UTF8.self)
                == #"{"prompt":"1","prompt_tokens":0,"produced":0,"ended_by":"stop","model":"2"}"# + "\n")
    }

    @Test func anEmptyFileIsAHistory() throws {
        #expect(try history("").records.isEmpty)
        #expect(try history("\n \r\n").records.isEmpty)
    }

    @Test func aTornLastLineIsPassedOverWhereverItIsTorn() throws {
        for length in 1..<(full.line.count - 1) {
            let history = try LengthHistory(parsing: spare.line + full.line.prefix(length))
            #expect(history.records == [spare])
            #expect(history.note?.contains("last line (2)") == true)
            #expect(history.soundBytes == spare.line.count)
        }
        // All but the newline is there: nothing is lost.
        let history = try LengthHistory(parsing: spare.line + full.line.dropLast())
        #expect(history.records == [spare, full])
        #expect(history.note == nil)
        #expect(history.soundBytes == spare.line.count + full.line.count - 1)
    }

    @Test func laterAnswersToAPromptReplaceEarlierOnes() throws {
        var again = full
        again.produced = 30
        var other = full
        other.model = 9
        let history = try LengthHistory(parsing: full.line + other.line + spare.line + again.line)
        #expect(history.records == [other, spare, again])
        #expect(history.replaced == 1)
        #expect(history.records(ofModel: full.model) == [again])
    }

    @Test func unknownMembersAndNullsArePassedOver() throws {
        let text =
            #"{"model":"2","ended_by":"stop","predicted":null,"produced":3,"x":[1],"prompt_tokens":4,"prompt":"a"}"#
        let records = try history(text + "\n").records
        #expect(
            records == [LengthRecord(promptDigest: 10, promptTokens: 4, produced: 3, endedBy: .stop, model: 2)])
    }

    @Test(arguments: [
        (#"{"prompt":"1","prompt_tokens":0,"produced":0,"ended_by":"stop"}"#, "'model' is absent"),
        (#"{"prompt":"1","prompt_tokens":0,"produced":-1,"ended_by":"stop","model":"2"}"#, "'produced' is -1"),
        (#"{"prompt":"1","prompt_tokens":0,"produced":1.5,"ended_by":"stop","model":"2"}"#, "'produced' is 1.5"),
        (#"{"prompt":"1","prompt_tokens":9e99,"produced":1,"ended_by":"stop","model":"2"}"#, "'prompt_tokens' is"),
        (#"{"prompt":"1","produced":1,"ended_by":"stop","model":"2"}"#, "'prompt_tokens' is absent"),
        (#"{"prompt":"xyz","prompt_tokens":0,"produced":1,"ended_by":"stop","model":"2"}"#, "'prompt' is \"xyz\""),
        (#"{"prompt":7,"prompt_tokens":0,"produced":1,"ended_by":"stop","model":"2"}"#, "'prompt' is 7"),
        (#"{"prompt":"1","prompt_tokens":0,"produced":1,"ended_by":"tired","model":"2"}"#, "'ended_by' is \"tired\""),
        ("[]", "not a JSON object"), ("{", "not valid JSON"), ("\u{FEFF}", "not valid JSON"),
    ])
    func aBadLineIsNamed(line: String, problem: String) throws {
        let good = String(decoding: spare.line, as: UTF8.self)
        let error = #expect(throws: PredictionError.self) { try history(good + "\n" + line + "\n" + good) }
        #expect(error?.code == .badHistory)
        #expect(error?.message.hasPrefix("line 3: ") == true)
        #expect(error?.message.contains(problem) == true, "\(error?.message ?? "")")
    }
}
