import Scheduling
import Testing

@Suite struct IntensityTests {
    /// Milliseconds of a step of Llama-2-13B on one L20, from the table that was released with TD-Pipe.
    private let table: [Int: Double] = [
        1: 35.2840,
        100: 47.8281,
        101: 48.0584,
        105: 47.9209,
        112: 48.0511,
        150: 60.1969,
        256: 69.9751,
        300: 96.2456,
        800: 227.1569,
    ]

    /// Four stages, 400 sequences that decode, and prompts of equal length.
    @Test(arguments: [
        (300, [1.74, 1.37, 1.13, 1.06, 1.02], [0.62, 0.81, 0.94, 0.97, 0.99]),
        (800, [0.88, 0.94, 0.98, 0.99, 1.00], [0.41, 0.70, 0.90, 0.96, 0.99]),
    ])
    func theReleasedFormMixesUnitsAndTheOthersDoNot(tokens: Int, released: [Double], corrected: [Double]) {
        for (index, count) in [1, 5, 20, 50, 200].enumerated() {
            let prompts = Array(repeating: table[tokens]!, count: count)
            let decode = table[(400 + count) / 4]!
            let asReleased = ReleasedIntensity.temporal(prompts: prompts, decodeStep: decode, stages: 4)
            #expect(abs(asReleased - released[index]) < 0.006, "\(count) prompts")
            let ours = Intensity.temporal(units: prompts.map { $0 / 4 }, decodeStep: decode / 4, stages: 4)
            #expect(abs(ours - corrected[index]) < 0.006, "\(count) prompts")
        }
    }

    @Test func nothingToPrefillIsNothingToSwitchFor() {
        #expect(Intensity.temporal(units: [Double](), decodeStep: 1, stages: 4) == 0)
        #expect(ReleasedIntensity.temporal(prompts: [Double](), decodeStep: 1, stages: 4) == 0)
    }

    @Test func aDecodeStepLongerThanAUnitLeavesNoBubble() {
        #expect(Intensity.temporal(units: [1, 1, 1], decodeStep: 2, stages: 4) == 1)
        // Without it, three units of 1 take 3 + 3, of which 3 are bubbles.
        #expect(Intensity.temporal(units: [1, 1, 1], decodeStep: 0, stages: 4) == 0.5)
    }

    @Test func aRoundLastsAsLongAsItsLargestMicroBatch() {
        // Five sequences on four stages, a second a row: 2 + 2 + 2 + 2 seconds for 5 tokens.
        #expect(Intensity.spatial(sequences: 5, stages: 4, largestStep: 2, peakRate: 1) == 0.625)
        #expect(Intensity.spatial(sequences: 8, stages: 4, largestStep: 2, peakRate: 1) == 1)
    }

    @Test func fewerSequencesThanStagesHaveAnIntensityToo() {
        let time = { (count: Int) in table[count]! }
        let three = ReleasedIntensity.spatial(sequences: 3, stages: 4, time: time)
        #expect(three > 0 && three < 0.1)
        #expect(ReleasedIntensity.spatial(sequences: 800, stages: 4, time: time) == 1)
        let hundred = ReleasedIntensity.spatial(sequences: 400, stages: 4, time: time)
        #expect(abs(hundred - 0.57) < 0.006)
    }
}

@Suite struct StepRatesTests {
    /// A fixed time, and a time for each token.
    private struct Line: StepCost {
        var stages = 2
        var fixed: Double
        var slow = 1.0
        func seconds(_ load: StepLoad, on stage: Int) -> Double {
            fixed + Double(load.tokens) * (stage == 1 ? slow : 1)
        }
        mutating func observe(_ load: StepLoad, on stage: Int, seconds: Double) {}
    }

    @Test func aUnitIsTheFewestTokensThatKeepTheRate() {
        // n / (10 + n) of at most 512 / 522 is 95 % of it from 136 on.
        #expect(StepRates.prefillUnit(Line(fixed: 10), limit: 512) == 192)
        #expect(StepRates.prefillUnit(Line(fixed: 0.1), limit: 512) == 32)
        #expect(StepRates.prefillUnit(Line(fixed: 1e6), limit: 512) == 512)
        #expect(StepRates.prefillUnit(Line(fixed: 1e6), limit: 5) == 5)
        #expect(StepRates.prefillUnit(Line(fixed: 0), limit: 1) == 1)
    }

    @Test func theSlowestStageCounts() {
        #expect(StepRates.prefillUnit(Line(fixed: 10, slow: 10), limit: 512) == 32)
        #expect(StepRates.peakDecodeRate(Line(fixed: 10, slow: 10), limit: 9, context: 1) == 0.09)
    }

    /// On a staircase the largest micro-batch may not be the best.
    private struct Stairs: StepCost {
        let stages = 1
        func seconds(_ load: StepLoad, on stage: Int) -> Double { load.tokens <= 64 ? 1 : 10 }
        mutating func observe(_ load: StepLoad, on stage: Int, seconds: Double) {}
    }

    @Test func thePeakIsTheBestSoFar() {
        #expect(StepRates.peakDecodeRate(Stairs(), limit: 100, context: 1) == 64)
        #expect(StepRates.peakDecodeRate(Stairs(), limit: 50, context: 1) == 50)
    }
}

@Suite struct RenewalCycleTests {
    @Test func theLargestMicroBatchOfARoundHoldsTheOthersUp() {
        var cycle = RenewalCycle(stages: 2)
        cycle.add(sequences: 4, seconds: 4, peakRate: 1)
        cycle.add(sequences: 2, seconds: 2, peakRate: 1)
        #expect(cycle.useful == 6 && cycle.elapsed == 8)
        // 6 of 8 seconds so far, and 8 more of 8 with 2 lost.
        #expect(cycle.rate(prefill: 8, bubble: 2) == 14.0 / 18)
        cycle.add(sequences: 2, seconds: 2, peakRate: 1)
        #expect(cycle.elapsed == 10)
    }

    @Test func withoutAnythingTheRateIsZero() {
        #expect(RenewalCycle(stages: 3).rate(prefill: 0, bubble: 0) == 0)
    }
}
