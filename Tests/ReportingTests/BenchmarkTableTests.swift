import Foundation
import Reporting
import Testing

@Suite struct BenchmarkTableTests {
    private let repeats = [
        benchmarkRun("hybrid", repetition: 1, tokensPerSecond: 400, preemptions: 2),
        benchmarkRun("td-pipe", repetition: 1, tokensPerSecond: 500),
        benchmarkRun("td-pipe", repetition: 2, tokensPerSecond: 400),
        benchmarkRun("hybrid", repetition: 2, tokensPerSecond: 320, preemptions: 2),
        benchmarkRun("hybrid", repetition: 3, tokensPerSecond: 625, preemptions: 4),
        benchmarkRun("td-pipe", repetition: 3, tokensPerSecond: 500),
    ]

    @Test func aRowALabelInTwoBlocks() {
        #expect(
            BenchmarkTable(runs: repeats).rendered(style: .ascii) == """
                policy   total tok/s  min...max  of best  output tok/s   min...max  wins  wall/bound  \
                TTFT P50 / P99 s  TPOT P50 / P99 ms
                -------  -----------  ---------  -------  ------------  ----------  ----  ----------  \
                ----------------  -----------------
                hybrid           400  320...625    0.800           100  80.0...156   1/3       1.067  \
                     0.50 / 2.00        31.3 / 62.5
                td-pipe          500  400...500    1.000           125   100...125   2/3       1.067  \
                     0.50 / 2.00        31.3 / 62.5

                policy   bubble  warm-up  starved  blocked  switch  hand-over  drain  imbal. time    seqs  switches  \
                preempt.  recomp.
                -------  ------  -------  -------  -------  ------  ---------  -----  -----------  ------  --------  \
                --------  -------
                hybrid    6.3 %    0.0 %    3.1 %    1.6 %   0.0 %      1.6 %  0.0 %        6.3 %  12.5 %         6  \
                       2    2,000
                td-pipe   6.3 %    0.0 %    3.1 %    1.6 %   0.0 %      1.6 %  0.0 %        6.3 %  12.5 %         6  \
                       0        0

                """)
    }

    @Test func gapsBetweenTokensHaveAColumnWhereTheyAreKnown() {
        #expect(!BenchmarkTable(runs: repeats).rendered().contains("gap P50"))
        var runs = repeats
        for (index, longest) in zip(runs.indices, [2.0, 4, 8, 1, 3, 5]) {
            runs[index].tokenGaps = TokenGaps(p50: 0.25, p99: 0.5, longest: longest)
        }
        let text = BenchmarkTable(runs: runs).rendered(style: .ascii)
        #expect(text.contains("gap P50 / P99 / max ms") && text.contains("250 / 500 / "), "\(text)")
    }

    @Test func aWideTerminalTakesOneTable() {
        let text = BenchmarkTable(runs: repeats).rendered(width: 250)
        #expect(text.split(separator: "\n").count == 4)
        #expect(text.contains("320…625"))
    }

    @Test(arguments: [60, 80, 100, 150]) func noLineIsWiderThanTheTerminal(width: Int) {
        let runs = repeats + [benchmarkRun("td-pipe[stealing=off;greedy=fixed:0.7]", tokensPerSecond: 100)]
        let text = BenchmarkTable(runs: runs).rendered(style: .ascii, width: width)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= width })
        for title in ["total tok/s", "wins", "TPOT P50 / P99 ms", "bubble", "hand-over", "seqs", "recomp."] {
            #expect(text.components(separatedBy: title).count == 2, "\(title)")
        }
    }

    @Test func oneRunHasNoSpreadAndNoWins() {
        let one = BenchmarkTable(runs: [benchmarkRun("td-pipe")]).rendered(style: .ascii)
        #expect(!one.contains("min...max"))
        #expect(!one.contains("wins"))
        #expect(one.contains("1.000"))
        let single = [benchmarkRun("td-pipe"), benchmarkRun("hybrid", tokensPerSecond: 250)]
        #expect(!BenchmarkTable(runs: single).rendered(style: .ascii).contains("wins"))
        #expect(BenchmarkTable(runs: []).rendered() == "")
    }

    @Test func repeatsOfDifferentNumberHaveTheMiddleAsTheirMedian() {
        let runs = [100, 400, 200, 1000].enumerated().map {
            benchmarkRun("a", repetition: $0.offset + 1, tokensPerSecond: $0.element)
        }
        let rows = BenchmarkTable(runs: runs).rendered(style: .ascii).split(separator: "\n")
        #expect(rows[2].hasPrefix("a               300  100...1,000"))
    }

    @Test func whatIsNotKnownIsADash() {
        let run = benchmarkRun("a", timeToFirstToken: nil, timePerOutputToken: nil)
        let rows = BenchmarkTable(runs: [run]).rendered(style: .ascii).split(separator: "\n")
        #expect(rows[2].hasSuffix("                 -                  -"))
    }

    @Test func aLabelCannotSteerTheTerminal() {
        let text = BenchmarkTable(runs: [benchmarkRun("a\u{1B}[2J\nb")]).rendered(style: .ascii)
        #expect(!text.contains("\u{1B}"))
        #expect(text.contains("a [2J b"))
    }
}
