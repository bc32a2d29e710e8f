import LengthPrediction
import Testing

@Suite("Distributions and classes of lengths")
struct DistributionTests {
    private func outcomes(_ lengths: some Sequence<Int>, cut: Set<Int> = []) -> [LengthDistribution.Outcome] {
        lengths.map { LengthDistribution.Outcome(tokens: $0, isCut: cut.contains($0)) }
    }

    @Test func withoutCutsAllAnswersCountTheSame() {
        let distribution = LengthDistribution(outcomes([8, 3, 5, 1, 2, 4, 7, 6]))
        #expect(distribution.tokens == Array(1...8))
        #expect(distribution.weights == [Double](repeating: 0.125, count: 8))
        #expect(distribution.mean == 4.5)
        #expect(distribution.octileMeans == [1, 2, 3, 4, 5, 6, 7, 8])
    }

    @Test func aCutAnswerGivesItsWeightToLongerOnes() {
        let distribution = LengthDistribution(outcomes([1, 2, 3, 4], cut: [2]))
        #expect(distribution.weights == [0.25, 0, 0.375, 0.375])
        // Of the same length, the one that ended by itself is not longer.
        let tie = LengthDistribution([
            .init(tokens: 5, isCut: true), .init(tokens: 5, isCut: false), .init(tokens: 9, isCut: false),
        ])
        #expect(tie.weights[0] == tie.weights[2] / 2 && tie.weights[1] == 0)
    }

    @Test func answersCutAtACommonLimitCountWithIt() {
        let distribution = LengthDistribution(
            outcomes([10, 20], cut: [])
                + [LengthDistribution.Outcome](repeating: .init(tokens: 64, isCut: true), count: 2))
        #expect(abs(distribution.mean - (10 + 20 + 64 + 64) / 4) < 1e-12)
    }

    @Test(arguments: [1, 2, 7, 8, 9, 100, 1001])
    func octilesKeepTheMean(count: Int) {
        let lengths = (0..<count).map { ($0 * 7919) % 613 }
        let distribution = LengthDistribution(outcomes(lengths, cut: [31, 200, 612]))
        let octiles = distribution.octileMeans
        #expect(octiles.count == 8)
        #expect(abs(Double(octiles.reduce(0, +)) / 8 - distribution.mean) < 1e-3)
        #expect(octiles == octiles.sorted())
    }

    @Test func fiveClassesAtThePercentiles() {
        let classes = AnswerClasses(outcomes(1...1000))
        #expect(classes.cuts == [250, 500, 750, 990])
        #expect(classes.means.map { ($0 * 10).rounded() / 10 } == [125.5, 375.5, 625.5, 870.5, 995.5])
        #expect([1, 250, 251, 990, 991, 5000].map(classes.index) == [0, 0, 1, 3, 4, 4])
    }

    @Test func answersAtACommonLimitAreAClassOfTheirOwn() {
        // 30 % of the answers have 512 tokens: their class is nearer to the upper quarter than none.
        let classes = AnswerClasses(outcomes(Array(1...70) + [Int](repeating: 512, count: 30)))
        #expect(classes.cuts == [25, 50, 70])
        #expect(classes.means[3] == 512)
        // With 10 % of them the upper quarter begins below, and the top percent is lost in the tie.
        let fewer = AnswerClasses(outcomes(Array(1...90) + [Int](repeating: 512, count: 10)))
        #expect(fewer.cuts == [25, 50, 75])
    }

    @Test(arguments: [
        [7], [7, 7, 7], [1, 2], [0, 0, 0, 0, 0, 0, 9], [1, 1, 1, 1, 1, 1, 1, 1, 2, 3], [4, 4, 4, 5, 5, 5, 5, 5, 5, 5],
        [Int](repeating: 3, count: 1000) + [2],
    ])
    func noClassIsEmpty(lengths: [Int]) {
        let classes = AnswerClasses(outcomes(lengths))
        #expect(classes.count == classes.cuts.count + 1)
        #expect(Set(lengths.map(classes.index)) == Set(0..<classes.count))
        #expect(classes.means == classes.means.sorted())
        let sum = lengths.reduce(0.0) { $0 + classes.means[classes.index(of: $1)] }
        #expect(abs(sum - Double(lengths.reduce(0, +))) < 1e-3 * Double(lengths.count))
    }
}
