import Reporting
import Scheduling
import Testing

@Suite struct RunStatisticsTests {
    private func gap(_ stage: Int, _ cause: IdleCause, _ begin: Int, _ end: Int) -> IdleGap {
        IdleGap(stage: StageID(stage), cause: cause, begin: at(begin), end: at(end))
    }

    private func isClose(_ value: Double, _ expected: Double) -> Bool { (value - expected).magnitude < 1e-12 }

    @Test func busyTimeAndBubbleRatioOfTwoStages() {
        let statistics = RunStatistics(recording: twoStages)
        #expect(isClose(statistics.makespanSeconds, 0.080))
        #expect(statistics.stages.map(\.microBatches) == [4, 4])
        #expect(isClose(statistics.stageBusySeconds[0], 0.040))
        #expect(isClose(statistics.stageBusySeconds[1], 0.033))
        #expect(isClose(statistics.bubbleRatio, 1 - 0.073 / 0.160))
    }

    @Test func everyIdleStretchHasItsCause() {
        #expect(
            RunStatistics.idleGaps(in: twoStages) == [
                // The decode was dispatched at 40, but the phase changes, so all of the gap is the switch's.
                gap(0, .phaseSwitch, 30, 50),
                gap(0, .blocked, 60, 66), gap(0, .handOver, 66, 70),
                gap(0, .drain, 80, 90),
                gap(1, .warmUp, 10, 20),
                // Stage 0 ended micro-batch 1 at 30, as soon as stage 1 was free.
                gap(1, .handOver, 30, 32),
                gap(1, .phaseSwitch, 40, 65),
                // Micro-batch 3 was dispatched at 66, and stage 0 computes it all the while.
                gap(1, .starved, 70, 80),
            ])
    }

    @Test func idleSecondsAreSummedByCause() {
        let statistics = RunStatistics(recording: twoStages)
        #expect(isClose(statistics.idleSeconds(.warmUp), 0.010))
        #expect(isClose(statistics.idleSeconds(.starved), 0.010))
        #expect(isClose(statistics.idleSeconds(.blocked), 0.006))
        #expect(isClose(statistics.idleSeconds(.handOver), 0.006))
        #expect(isClose(statistics.idleSeconds(.phaseSwitch), 0.045))
        #expect(isClose(statistics.idleSeconds(.drain), 0.010))
        #expect(isClose(statistics.stages[1].idle[.phaseSwitch], 0.025))
    }

    @Test func busyAndIdleTimeAddUpToTheMakespan() {
        let statistics = RunStatistics(recording: twoStages)
        for stage in statistics.stages {
            #expect(isClose(stage.busySeconds + stage.idle.total, statistics.makespanSeconds))
        }
    }

    @Test func tokensAndMicroBatchesByPhase() {
        let statistics = RunStatistics(recording: twoStages)
        #expect(statistics.prefillTokens == 160)
        #expect(statistics.decodeTokens == 5)
        #expect(statistics.prefill.microBatches == 2)
        #expect(statistics.prefill.tokens == 160)
        #expect(statistics.prefill.meanSequences == 1.5)
        #expect(statistics.decode.tokens == 5)
        #expect(statistics.mixed.microBatches == 0)
        #expect(statistics.mixed.tokens == 0)
        #expect(statistics.total.microBatches == 4)
        #expect(statistics.total.tokens == 165)
        #expect(statistics.total.meanSequences == 2)
        #expect(statistics.peakBlocks == 12)
        #expect(statistics.peakLiveRequests == 3)
    }

    @Test func phaseSwitchesFollowTheNumbersOfMicroBatchesNotTheirRetirement() {
        let steps = [
            step(2, .decode, retired: 1), step(0, .prefill, retired: 2), step(3, .mixed, retired: 3),
            step(1, .prefill, retired: 4), step(4, .decode, retired: 5),
        ]
        // In order: prefill, prefill, decode, mixed, decode.
        #expect(RunStatistics(recording: recording(stages: 1, steps: steps, spans: [])).phaseSwitches == 3)
    }

    @Test func anEmptyRecordingHasNoFigures() {
        let statistics = RunStatistics(recording: recording(stages: 2, steps: [], spans: []))
        #expect(statistics.makespanSeconds == 0)
        #expect(statistics.bubbleRatio == 0)
        #expect(statistics.stages.map(\.busySeconds) == [0, 0])
        #expect(statistics.stages.map(\.idle.total) == [0, 0])
        #expect(statistics.total == RunStatistics(recording: recording(stages: 0, steps: [], spans: [])).total)
    }

    @Test func aStageWithoutSpansWarmsUpAllTheTime() {
        let lonely = recording(stages: 2, steps: [step(0, .prefill, retired: 20)], spans: [span(0, 0, 10, 20)])
        #expect(RunStatistics.idleGaps(in: lonely) == [gap(1, .warmUp, 10, 20)])
        #expect(RunStatistics(recording: lonely).bubbleRatio == 0.5)
    }

    @Test func spansThatCannotBeAreLeftOut() {
        let odd = recording(
            stages: 1, steps: [],
            spans: [span(0, 0, 10, 20), span(7, 0, 0, 90), span(-1, 0, 0, 90), span(0, 1, 40, 30)])
        let statistics = RunStatistics(recording: odd)
        #expect(isClose(statistics.makespanSeconds, 0.010))
        #expect(statistics.stages.map(\.microBatches) == [1])
    }

    @Test func withoutARecordAMicroBatchExistsFromItsFirstSpan() {
        // Micro-batches 1 and 2 never retired, so neither their phase nor their dispatch is known.
        let cut = recording(
            stages: 1, steps: [step(0, .decode, retired: 10)],
            spans: [span(0, 0, 0, 10), span(0, 1, 12, 20), span(0, 2, 25, 30)])
        #expect(RunStatistics.idleGaps(in: cut) == [gap(0, .blocked, 10, 12), gap(0, .blocked, 20, 25)])
    }
}
