import Platform
import Testing

@Suite struct SeededRandomTests {
    /// The published first numbers of SplitMix64 for this seed.
    @Test func drawsTheNumbersOfSplitMix64() {
        var random = SeededRandom(seed: 1_234_567)
        #expect(random.next() == 6_457_827_717_110_365_317)
        #expect(random.next() == 3_203_168_211_198_807_973)
        #expect(random.next() == 9_817_491_932_198_370_423)
    }

    @Test func unitsAreSpreadEvenlyBelowOne() {
        var random = SeededRandom(seed: 3)
        var sum = 0.0
        for _ in 0..<10_000 {
            let unit = random.unit()
            #expect(unit >= 0 && unit < 1)
            sum += unit
        }
        #expect(abs(sum / 10_000 - 0.5) < 0.01)
    }

    @Test func wholeNumbersReachBothEndsOfTheirRange() {
        var random = SeededRandom(seed: 4)
        var counts = [Int](repeating: 0, count: 6)
        for _ in 0..<6000 { counts[random.integer(in: -2...3) + 2] += 1 }
        for count in counts { #expect(abs(count - 1000) < 150) }
        #expect(random.integer(in: 9...9) == 9)
        #expect(Set((0..<10).map { _ in random.integer(in: .min ... .max) }).count == 10)
    }

    @Test func aSplitGeneratorGoesItsOwnWay() {
        var one = SeededRandom(seed: 5)
        var other = SeededRandom(seed: 5)
        var part = one.split()
        _ = other.split()
        for _ in 0..<10 { _ = part.next() }
        #expect(one.next() == other.next())
        #expect(part.next() != one.next())
    }
}
