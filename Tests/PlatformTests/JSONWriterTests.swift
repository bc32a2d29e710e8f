import Foundation
import Platform
import Testing

@Suite struct JSONWriterTests {
    private let value = JSONValue.object([
        .init("z", .integer(-3)),
        .init("a", .array([.number(0.1), .number(.nan), .bool(true), .null])),
        .init("runs", .array([.object([.init("name", .string("x"))]), .object([])])),
        .init("none", .array([])),
    ])

    @Test func membersKeepTheirOrder() {
        #expect(value.compact == #"{"z":-3,"a":[0.1,null,true,null],"runs":[{"name":"x"},{}],"none":[]}"#)
    }

    @Test func indentedTextIsMeantForPeople() {
        #expect(
            value.indented == """
                {
                  "z": -3,
                  "a": [0.1, null, true, null],
                  "runs": [
                    {
                      "name": "x"
                    },
                    {}
                  ],
                  "none": []
                }
                """)
    }

    @Test func everyCharacterSurvives() throws {
        let scalars = (0..<0x800).compactMap(Unicode.Scalar.init) + ["\u{2028}", "\u{2029}", "\u{FFFF}", "🚀", "モ"]
        let text = String(String.UnicodeScalarView(scalars))
        let json = JSONValue.object([.init(text, .string(text))]).compact
        let parsed = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: String])
        #expect(parsed.keys.first.map { Array($0.unicodeScalars) } == scalars)
        #expect(parsed.values.first.map { Array($0.unicodeScalars) } == scalars)
        #expect(!json.contains("<"))
    }

    @Test(arguments: [0, 1.5, -2.25e-9, 1e300, 1e-300, 123_456_789.125, 0.1 + 0.2])
    func numbersReadBackTheSame(number: Double) {
        #expect(Double(JSONValue.number(number).compact) == number)
    }
}
