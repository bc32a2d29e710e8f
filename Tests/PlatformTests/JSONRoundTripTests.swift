import Platform
import TestTools
import Testing

@Suite struct JSONRoundTripTests {
    @Test func encodingAndParsingGivesTheSame() throws {
        for seed in 0..<3_000 {
            var random = SplitMix(seed: seed)
            let value = Self.value(depth: 0, &random)
            let bytes = value.encoded()
            #expect(try JSONParser.parse(bytes) == value, "seed \(seed)")
            #expect(!bytes.contains { $0 < 0x20 }, "seed \(seed)")
        }
    }

    @Test func everyScalarBelowThousandSurvives() throws {
        let text = String(String.UnicodeScalarView((0..<1_000).compactMap { Unicode.Scalar($0) }))
        #expect(
            Array(try JSONParser.parse(JSONValue.string(text).encoded()).string?.utf8 ?? "".utf8) == Array(text.utf8))
    }

    @Test func writesShortForms() {
        let value = JSONValue.object([
            JSONMember("z", .array([.null, .bool(true), .bool(false), .int(-7), .double(0.5), .double(2)])),
            JSONMember("a\"\\\n\r\t\u{1}/é", .string("\u{1F}")),
        ])
        let expected = #"{"z":[null,true,false,-7,0.5,2.0],"a\"\\\n\r\t\u0001/é":"\u001f"}"#
        #expect(String(decoding: value.encoded(), as: UTF8.self) == expected)
    }

    static func value(depth: Int, _ random: inout SplitMix) -> JSONValue {
        switch Int.random(in: 0..<(depth < 5 ? 8 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .int(Int64(bitPattern: random.next()) >> Int64.random(in: 0..<64, using: &random))
        case 3:
            let number = Double(bitPattern: random.next())
            return .double(number.isFinite ? number : 0.25)
        case 4, 5: return .string(random.text())
        case 6:
            return .array((0..<Int.random(in: 0..<5, using: &random)).map { _ in value(depth: depth + 1, &random) })
        default:
            let count = Int.random(in: 0..<24, using: &random)
            return .object(
                (0..<count).map {
                    JSONMember("\($0)" + random.text(), depth > 2 ? .null : value(depth: depth + 1, &random))
                })
        }
    }
}
