import Platform
import Testing

/// What streaming readers rely on; the grammar is held by `JSONParserTests`, whose trees are built on the same reader.
@Suite struct JSONReaderTests {
    private func read<Result>(
        _ text: String, replacesLoneSurrogates: Bool = false, _ body: (inout JSONReader) throws -> Result
    ) rethrows -> Result {
        try Array(text.utf8).withUnsafeBufferPointer { bytes in
            var reader = JSONReader(bytes, replacesLoneSurrogates: replacesLoneSurrogates)
            return try body(&reader)
        }
    }

    @Test(arguments: [
        ("18446744073709551615", UInt64.max), ("9223372036854775808", 1 << 63), ("0", 0), ("64.0", 64), ("1e2", 100),
    ])
    func integersWithoutASignAreExact(_ text: String, _ value: UInt64) throws {
        #expect(try read(text) { try $0.number().exactly(UInt64.self) } == value)
    }

    @Test(arguments: ["-9223372036854775808", "9223372036854775807", "-1", "9007199254740993"])
    func integersWithASignAreExact(_ text: String) throws {
        #expect(try read(text) { try $0.number().exactly(Int64.self) } == Int64(text))
    }

    @Test(arguments: ["18446744073709551616", "-9223372036854775809", "0.5"])
    func otherNumbersAreDoubles(_ text: String) throws {
        #expect(try read(text) { try $0.number() } == .double(try #require(Double(text))))
    }

    @Test func givesMembersAndElementsInTheirOrder() throws {
        var seen: [String] = []
        try read(#" { "a" : [ 1 , [ ] , {"x":{}} ] , "\u0062" : "c\n" } "#) { reader in
            try reader.forEachMember { reader, key in
                seen.append(String(decoding: key, as: UTF8.self))
                guard reader.peek() == UInt8(ascii: "[") else { return seen.append(try reader.string()) }
                try reader.forEachElement { reader in seen.append("\(try reader.skipValue().count)") }
            }
            try reader.finish()
        }
        #expect(seen == ["a", "1", "3", "8", "b", "c\n"])
    }

    @Test func halfOfASurrogatePairIsReplacedWhereAsked() throws {
        let text = #""\ud800x\ud83c\udf0a\udc00""#
        #expect(try read(text, replacesLoneSurrogates: true) { try $0.string() } == "\u{FFFD}x\u{1F30A}\u{FFFD}")
        #expect(throws: JSONError.self) { try read(text) { try $0.string() } }
    }

    @Test func aTreeIsBoundedAndItsLastKeyCounts() throws {
        let tree = try read(#"{"a":1,"b":2,"a":3}"#) { try $0.tree(limit: 4) }
        #expect(tree == .object([JSONMember("a", .int(3)), JSONMember("b", .int(2))]))
        let error = #expect(throws: JSONError.self) { try read("[1,2,3,4]") { try $0.tree(limit: 4) } }
        #expect(error?.problem == "more than 4 values in one component")
    }
}
