import LengthPrediction
import Testing

@Suite("Parts of the data")
struct PartsTests {
    private func example(_ digest: UInt64, produced: Int = 5) -> LengthExample {
        LengthExample(digest: digest, features: [1], promptTokens: 3, produced: produced)
    }

    @Test func aFifthIsHeldOutWhateverTheDigestsLookLike() {
        let digests: [[UInt64]] = [
            (0..<5000).map { $0 }, (0..<5000).map { $0 << 40 }, (0..<5000).map { $0 * 5 },
        ]
        for list in digests {
            let parts = LengthParts(list.map { example($0) })
            #expect((900...1100).contains(parts.heldOut.count))
            #expect(parts.learning.count + parts.heldOut.count == 5000)
        }
    }

    @Test func aPromptStaysInItsPart() {
        let few = LengthParts((0..<300).map { example($0 * 7) })
        let many = LengthParts((0..<2100).reversed().map { example($0) })
        let heldOut = Set(many.heldOut.map(\.digest))
        #expect(!few.heldOut.isEmpty)
        for example in few.heldOut { #expect(heldOut.contains(example.digest)) }
        for example in few.learning { #expect(!heldOut.contains(example.digest)) }
    }

    @Test func answersToTheSamePromptStayTogether() {
        let parts = LengthParts((0..<400).map { example(UInt64($0 % 100), produced: $0) })
        let heldOut = Set(parts.heldOut.map(\.digest))
        #expect(heldOut.isDisjoint(with: parts.learning.map(\.digest)))
        #expect(parts.heldOut.count == heldOut.count * 4)
    }

    @Test func theDigestNamesTheDataAndNotTheirOrder() {
        let examples = (0..<50).map { example($0) }
        let digest = LengthParts(examples).digest
        #expect(LengthParts(examples.reversed()).digest == digest)
        #expect(LengthParts(Array(examples.dropLast())).digest != digest)
        #expect(LengthParts(examples.dropLast() + [example(49, produced: 6)]).digest != digest)
        let cut = LengthExample(digest: 49, features: [1], promptTokens: 3, produced: 5, isCut: true)
        #expect(LengthParts(examples.dropLast() + [cut]).digest != digest)
        // Numbers that no answer has are no trap.
        _ = LengthParts([example(1, produced: -1)]).digest
    }
}
