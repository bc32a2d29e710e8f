import Scheduling
import Testing

@Suite struct TokenRunTests {
    @Test func isCountedFromZeroWhereverItStands() {
        let storage: [TokenID] = [10, 11, 12, 13, 14]
        let run = TokenRun(storage, in: 1..<4)
        #expect(run.count == 3 && run.indices == 0..<3)
        #expect(Array(run) == [11, 12, 13] && run[0] == 11 && run.last == 13)
        #expect(TokenRun(storage).elementsEqual(storage))
        #expect(TokenRun(storage, in: 5..<5).isEmpty)
        #expect(Array(TokenRun(7)) == [7])
    }

    @Test func runsOfEqualTokensAreEqual() {
        let run = TokenRun([1, 2, 3, 2, 3], in: 1..<3)
        #expect(run == TokenRun([1, 2, 3, 2, 3], in: 3..<5) && run == [2, 3])
        #expect(run != [2] && run != [3, 2])
    }

    @Test func eachSliceHasItsOwnTokens() {
        var bench = Bench("hybrid")
        for id in 0..<3 {
            bench.arrive(
                RequestSpec(id: RequestID(id), prompt: (0...id).map { TokenID(10 * id + $0) }, maxNewTokens: 3))
        }
        _ = bench.schedule()
        #expect(bench.inFlight[0].slices.map { Array($0.tokens) } == [[0], [10, 11], [20, 21, 22]])
        bench.retire([5])
        _ = bench.schedule()
        #expect(bench.inFlight[0].slices.map { Array($0.tokens) } == [[5], [5], [5]])
    }
}
