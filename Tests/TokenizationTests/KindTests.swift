import TestTools
import Testing
import Tokenization

/// A tokenizer of some kind, as a tokenizer.json, with the reference's ids.
struct KindFixture: Decodable {
    /// A text, its ids with added tokens matched, and its ids with the tokens around it.
    struct Case: Decodable {
        let text: String
        let ids: [Int32]
        let around: [Int32]

        init(from decoder: any Decoder) throws {
            var row = try decoder.unkeyedContainer()
            text = try row.decode(String.self)
            ids = try row.decode([Int32].self)
            around = try row.decodeIfPresent([Int32].self) ?? ids
        }
    }

    let tokenizer: String
    let cases: [Case]

    static let names = [
        "command-r", "deepseek-coder", "deepseek-v3", "falcon", "pieces-metaspace", "pieces-plain", "pieces-prepended",
        "qwen35", "unigram-plain", "unigram-words", "wordpiece",
    ]

    static func all() throws -> [String: KindFixture] { try Fixtures.committed("kinds.json") }

    func load() throws -> Tokenizer { try Tokenizer(json: Array(tokenizer.utf8)) }
}

/// Every kind of tokenizer, read from a tokenizer.json.
@Suite struct KindTests {
    private let fixtures: [String: KindFixture]

    init() throws { fixtures = try KindFixture.all() }

    private func fixture(_ name: String) throws -> KindFixture { try #require(fixtures[name]) }

    @Test func allAreTested() { #expect(fixtures.keys.sorted() == KindFixture.names) }

    @Test(arguments: KindFixture.names)
    func idsMatchReference(name: String) throws {
        let fixture = try fixture(name)
        let tokenizer = try fixture.load()
        #expect(fixture.cases.count > 150)
        for item in fixture.cases {
            let ids = try tokenizer.encode(item.text, special: .parse)
            #expect(ids == item.ids, "\(item.text.debugDescription)")
            // The reference puts the tokens around the text even where it has them.
            if ids.first != tokenizer.bos, ids.last != tokenizer.eos || tokenizer.eos == nil {
                let around = try tokenizer.encode(item.text, special: .parse, addingSequenceTokens: true)
                #expect(around == item.around, "\(item.text.debugDescription)")
            }
        }
    }

    /// The words that were kept from one text do not change the next.
    @Test(arguments: KindFixture.names)
    func idsDoNotDependOnWhatCameBefore(name: String) throws {
        let fixture = try fixture(name)
        let used = try fixture.load()
        for item in fixture.cases { _ = try used.encode(item.text, special: .asText) }
        for item in fixture.cases.reversed() {
            let fresh = try fixture.load().encode(item.text, special: .asText)
            #expect(try used.encode(item.text, special: .asText) == fresh)
        }
    }

    @Test(arguments: KindFixture.names)
    func piecesJoinToTheTextAtOnce(name: String) throws {
        let fixture = try fixture(name)
        let tokenizer = try fixture.load()
        var random = SplitMix(seed: 5)
        for round in 0..<600 {
            let tokens =
                round < fixture.cases.count
                ? fixture.cases[round].ids
                : (0..<12).map { _ in Int32.random(in: -1...Int32(tokenizer.vocabularySize), using: &random) }
            var stream = StreamingDetokenizer(tokenizer)
            var text = tokens.map { stream.append($0) }.joined()
            text += stream.finish()
            #expect(Array(text.utf8) == Array(tokenizer.decode(tokens).utf8), "\(tokens)")
        }
    }

    /// Kinds that lose nothing give back the text, less the space that they add.
    @Test(arguments: KindFixture.names.filter { !$0.hasPrefix("unigram") && $0 != "wordpiece" && $0 != "command-r" })
    func decodingGivesTheTextBack(name: String) throws {
        let fixture = try fixture(name)
        let tokenizer = try fixture.load()
        for item in fixture.cases where !takesSpace(item.text) {
            let text = item.text.replacing("\u{2581}", with: name.hasPrefix("pieces") ? " " : "\u{2581}")
            if name == "pieces-metaspace", text.hasPrefix(" ") { continue }
            #expect(try tokenizer.decode(tokenizer.encode(item.text, special: .asText)).utf8.elementsEqual(text.utf8))
        }
    }

    /// Whether a token of the text takes white space around it, which is lost.
    private func takesSpace(_ text: String) -> Bool { text.contains("<mask>") || text.contains("<blank>") }

    @Test(arguments: KindFixture.names)
    func userTextNeverBecomesASpecialToken(name: String) throws {
        let tokenizer = try fixture(name).load()
        let specials = (0..<Int32(tokenizer.vocabularySize)).filter(tokenizer.isSpecial)
        #expect(!specials.isEmpty)
        for special in specials {
            let text = String(decoding: tokenizer.bytes(of: special), as: UTF8.self)
            #expect(try tokenizer.encode(text, special: .parse).contains(special), "\(text)")
            let unknown: Set = name.hasPrefix("deepseek") ? [] : unknownTokens(tokenizer)
            for user in [text, "x\(text) y", "\(text)\(text)", " \(text)\n"] {
                let ids = try tokenizer.encode(segments: [
                    TextSegment(text: "a ", isUserText: false), TextSegment(text: user, isUserText: true),
                    TextSegment(text: " b", isUserText: false),
                ])
                #expect(!ids.contains { tokenizer.isSpecial($0) && !unknown.contains($0) }, "\(user)")
            }
        }
    }

    /// What characters that are in no vocabulary become is no special meaning of a text.
    private func unknownTokens(_ tokenizer: Tokenizer) -> Set<Int32> {
        let ids = (try? tokenizer.encode("\u{9FA4}", special: .asText)) ?? []
        return Set(ids.filter(tokenizer.isSpecial))
    }
}

/// How the kinds join the texts of their tokens.
@Suite struct JoiningTests {
    @Test func wordPiecesJoin() throws {
        let tokenizer = try #require(KindFixture.all()["wordpiece"]).load()
        func text(_ text: String) throws -> String { try tokenizer.decode(tokenizer.encode(text, special: .asText)) }
        #expect(try text("The river, the TIDE!") == "the river, the tide!")
        #expect(try text("  tidings\n\n(river) ") == "tidings ( river )")
    }

    @Test func theFirstSpaceOfPiecesGoes() throws {
        let tokenizer = try #require(KindFixture.all()["pieces-prepended"]).load()
        let ids = try tokenizer.encode("the river", special: .asText)
        #expect(tokenizer.decode(ids) == "the river")
        #expect(try tokenizer.decode(tokenizer.encode(" the", special: .asText)) == " the")
        // Bytes that stand for a character come out when it is whole.
        var stream = StreamingDetokenizer(tokenizer)
        let bytes = try tokenizer.encode("\u{1F980}", special: .asText)
        let pieces = bytes.map { stream.append($0) }
        #expect(pieces.joined() == "\u{1F980}" && pieces.last == "\u{1F980}")
    }
}
