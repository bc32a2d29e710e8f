import TestTools
import TestVocabularies
import Testing
import Tokenization

@Suite struct StreamingDetokenizerTests {
    private let tokenizer: Tokenizer
    /// The token of each single byte.
    private let byteTokens: [Int32]

    init() throws {
        let tokenizer = try Fixtures.smallTokenizer()
        var tokens = [Int32](repeating: -1, count: 256)
        for id in 0..<Int32(tokenizer.vocabularySize) where !tokenizer.isSpecial(id) {
            let bytes = tokenizer.bytes(of: id)
            if bytes.count == 1 { tokens[Int(bytes[0])] = id }
        }
        self.tokenizer = tokenizer
        byteTokens = tokens
        #expect(!tokens.contains(-1))
    }

    private func check(_ tokens: [Int32]) {
        var stream = StreamingDetokenizer(tokenizer)
        var pieces = tokens.map { stream.append($0) }
        pieces.append(stream.finish())
        #expect(Array(pieces.joined().utf8) == Array(tokenizer.decode(tokens).utf8), "\(tokens)")
        #expect(stream.finish().isEmpty)
    }

    @Test func wholeCharactersOnly() {
        var stream = StreamingDetokenizer(tokenizer)
        let pieces = Array("aé海😀".utf8).map { stream.append(byteTokens[Int($0)]) }
        #expect(pieces == ["a", "", "é", "", "", "海", "", "", "", "😀"])
        #expect(stream.finish().isEmpty)
    }

    @Test func brokenCharactersAreReplaced() {
        func text(_ bytes: [UInt8]) -> [String] {
            var stream = StreamingDetokenizer(tokenizer)
            return bytes.map { stream.append(byteTokens[Int($0)]) } + [stream.finish()]
        }
        #expect(text([0xE6, 0xB5]) == ["", "", "\u{FFFD}"])
        #expect(text([0xE6, 0x61]) == ["", "\u{FFFD}a", ""])
        #expect(text([0xFF, 0x80]) == ["\u{FFFD}", "\u{FFFD}", ""])
        #expect(text([0xC0, 0xAF]) == ["\u{FFFD}", "\u{FFFD}", ""])
        // An over-long form and a surrogate are known to be broken at their second byte.
        #expect(text([0xE0, 0x80]) == ["", "\u{FFFD}\u{FFFD}", ""])
        #expect(text([0xED, 0xA0]) == ["", "\u{FFFD}\u{FFFD}", ""])
        #expect(text([0xF4, 0x8F, 0x61]) == ["", "", "\u{FFFD}a", ""])
    }

    @Test func specialTokensYieldNoText() throws {
        var stream = StreamingDetokenizer(tokenizer)
        let end = try #require(tokenizer.eos)
        #expect(stream.append(byteTokens[0xC3]).isEmpty)
        #expect(stream.append(end).isEmpty)
        #expect(stream.append(-5).isEmpty)
        #expect(stream.append(byteTokens[0xA9]) == "é")
    }

    @Test func anyTokensJoinToTheTextAtOnce() {
        var random = SplitMix(seed: 11)
        let edges: [UInt8] = [
            0x00, 0x61, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
            0xF0,
            0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        for _ in 0..<20_000 {
            let count = Int.random(in: 1...8, using: &random)
            check((0..<count).map { _ in byteTokens[Int(edges.randomElement(using: &random) ?? 0)] })
        }
        for _ in 0..<2_000 {
            let count = Int.random(in: 1...30, using: &random)
            check((0..<count).map { _ in Int32.random(in: -1...Int32(tokenizer.vocabularySize), using: &random) })
        }
    }
}
