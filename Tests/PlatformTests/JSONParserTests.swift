import Platform
import Testing

@Suite struct JSONParserTests {
    private func json(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

    /// The error of a closure that must fail.
    private func failure(_ body: () throws -> Void) -> JSONError? {
        do {
            try body()
            return nil
        } catch {
            return error as? JSONError
        }
    }

    @Test(arguments: [
        ("null", JSONValue.null), (" true ", .bool(true)), ("\t\r\nfalse\n", .bool(false)),
        ("0", .int(0)), ("-0", .int(0)), ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
        ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("64.0", .double(64)), ("1e2", .double(100)),
        ("1E+2", .double(100)), ("-1.5e-3", .double(-0.0015)),
        ("1.7976931348623157e308", .double(.greatestFiniteMagnitude)),
        ("1e-999", .double(0)), ("5e-324", .double(.leastNonzeroMagnitude)), ("0.1", .double(0.1)), ("0e1", .double(0)),
        (#""""#, .string("")), (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")),
        (#""\u0000""#, .string("\0")), (#""\u00e9\u20AC""#, .string("é€")), (#""\ud83c\udf0a""#, .string("🌊")),
        (#""\uDBFF\uDFFF""#, .string("\u{10FFFF}")), (#""a\u0062c🌊d\n""#, .string("abc🌊d\n")),
        ("\"\u{7F}\"", .string("\u{7F}")),
        ("[]", .array([])), ("[ ]", .array([])), ("[1 , [2],\"\"]", .array([.int(1), .array([.int(2)]), .string("")])),
        ("{}", .object([])),
        (
            #"{ "b" : 1 , "a" : {"":null} }"#,
            .object([JSONMember("b", .int(1)), JSONMember("a", .object([JSONMember("", .null)]))])
        ),
    ])
    func accepts(_ text: String, _ value: JSONValue) throws {
        #expect(try json(text) == value)
    }

    @Test(arguments: [
        ("", "at the end, offset 0"), ("   ", "at the end, offset 3"), ("nul", "offset 0"), ("nulL", "offset 0"),
        ("truefalse", "offset 4"), ("1 2", "offset 2"), ("NaN", "offset 0"), ("Infinity", "offset 0"),
        ("-Infinity", "a digit at offset 1"), ("+1", "offset 0"), ("01", "leading zero at offset 1"),
        ("-01", "leading zero"),
        (".5", "offset 0"), ("1.", "a digit at the end"), ("1.e5", "a digit at offset 2"), ("1e", "a digit"),
        ("1e+", "a digit"), ("-", "a digit"), ("0x10", "offset 1"), ("1e999", "1e999 is beyond the range"),
        ("-1e999", "-1e999 is beyond"), ("[1,]", "a value at offset 3"), ("[,1]", "a value at offset 1"),
        ("[1", "',' or ']' at the end"), ("[1 2]", "',' or ']' at offset 3"), ("[", "']'"), ("]", "a value"),
        ("{", "'}'"), ("{a:1}", "quotation marks at offset 1"), (#"{"a"}"#, "':' at offset 4"), (#"{"a":}"#, "a value"),
        (#"{"a":1,}"#, "quotation marks at offset 7"), (#"{"a":1 "b":2}"#, "',' or '}'"),
        ("{'a':1}", "quotation marks"),
        (#"{"a":1,"a":2}"#, #"the key "a" stands twice in one object at offset 7"#),
        (#"{"x":{"a":1,"b":0,"\u0061":2}}"#, "stands twice"), (#"""#, "without an end"), (#""abc"#, "without an end"),
        (#""abc\"#, "without an end"), (#""\x""#, "unknown escape at offset 1"),
        (#""\u12""#, "hexadecimal digit at offset 5"),
        (#""\u12G4""#, "hexadecimal digit"), (#""\u"#, "hexadecimal digit"),
        ("\"a\nb\"", "control character in a string at offset 2"),
        ("\"\u{1F}\"", "control character"), ("\"\0\"", "control character"),
        (#""\ud800""#, "surrogate pair at offset 1"),
        (#""\udc00""#, "surrogate pair"), (#""\ud800\ud800""#, "surrogate pair"), (#""\ud800x""#, "surrogate pair"),
        (#""\ud83c\u0041""#, "surrogate pair"), (#""\ud83c\n""#, "surrogate pair"), ("// note\n1", "a value"),
        ("\u{FEFF}1", "a value"), ("\u{A0}1", "a value"),
    ])
    func refuses(_ text: String, _ fragment: String) throws {
        let error = try #require(failure { _ = try json(text) })
        #expect(error.kind != .encoding)
        #expect(error.description.contains(fragment), "\(error.description)")
    }

    @Test(
        arguments: [
            ([0x22, 0xFF, 0x22], 1), ([0x22, 0x61, 0xC3, 0x22], 2), ([0x22, 0xC0, 0xAF, 0x22], 1),
            ([0x22, 0xED, 0xA0, 0x80, 0x22], 1),
            ([0x22, 0xE0, 0x80, 0x80, 0x22], 1), ([0x22, 0xF0, 0x8F, 0xBF, 0xBF, 0x22], 1),
            ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], 1),
            ([0x22, 0xE2, 0x82], 1), ([0x22, 0xE2, 0x82, 0x22, 0x22], 1), ([0x20, 0x20, 0x80], 2),
            ([0x22, 0xF8, 0x88, 0x80, 0x80, 0x80], 1),
        ] as [([UInt8], Int)])
    func refusesInvalidUTF8(_ bytes: [UInt8], _ offset: Int) throws {
        let error = try #require(failure { _ = try JSONParser.parse(bytes) })
        #expect(error.kind == .encoding)
        #expect(error.description == "the byte at offset \(offset) is not valid UTF-8")
    }

    @Test func countsDepth() throws {
        let fits = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        _ = try json(fits)
        let error = try #require(failure { _ = try json("[" + fits + "]") })
        #expect(error.description.contains("deeper than 64 levels at offset 64"))
        let mixed = String(repeating: #"{"a":["#, count: 33)
        #expect(failure { _ = try json(mixed) }?.description.contains("deeper than 64") == true)
    }

    @Test(arguments: ["[", "{\"a\":", "[[{\"a\":", "\"\\u00"])
    func survivesAMillionBrackets(_ piece: String) {
        #expect(failure { _ = try json(String(repeating: piece, count: 1_000_000)) }?.kind == .syntax)
    }

    @Test func survivesHugeNumbersAndObjects() throws {
        let digits = String(repeating: "9", count: 512)
        #expect(failure { _ = try json(digits) }?.description.contains("beyond the range") == true)
        #expect(failure { _ = try json(digits + "9") }?.description.contains("513 bytes, more than 512") == true)
        let long = "0." + String(repeating: "3", count: 510)
        #expect(try json(long) == .double(1.0 / 3))
        let keys = (0..<50_000).map { "\"k\($0)\":\($0)" }
        #expect(try json("{" + keys.joined(separator: ",") + "}").members?.count == 50_000)
        let twice = "{" + keys.joined(separator: ",") + ",\"k777\":1}"
        #expect(failure { _ = try json(twice) }?.description.contains("\"k777\" stands twice") == true)
    }

    /// Whatever is cut off or overwritten, the parser gives a value or an error.
    @Test func survivesEveryCutAndEveryByte() throws {
        let text = Array(#"{"a":[1,-2.5e3,"x\u00e9\ud83c\udf0a",true,null],"b":{"c":"€"}}"#.utf8)
        for end in 0..<text.count {
            #expect(throws: JSONError.self) { try JSONParser.parse(Array(text[..<end])) }
        }
        var accepted = 0
        for position in text.indices {
            for byte in 0...UInt8.max {
                var changed = text
                changed[position] = byte
                if (try? JSONParser.parse(changed)) != nil { accepted += 1 }
            }
        }
        #expect(accepted > text.count && accepted < text.count * 256)
    }
}
