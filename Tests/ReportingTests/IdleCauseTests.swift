import Reporting
import Scheduling
import Testing

@Suite struct IdleCauseTests {
    private func gap(_ stage: Int, _ cause: IdleCause, _ begin: Int, _ end: Int) -> IdleGap {
        IdleGap(stage: StageID(stage), cause: cause, begin: at(begin), end: at(end))
    }

    private func isClose(_ value: Double, _ expected: Double) -> Bool { (value - expected).magnitude < 1e-12 }

    @Test func aSharedHeadLeavesEveryCauseItsPlace() {
        #expect(
            RunStatistics.idleGaps(in: sharedHead) == [
                // From the prefill to the decode phase.
                gap(0, .phaseSwitch, 10, 12),
                // Stage 1 ends its layers of micro-batch 1 at 33; the rows arrive and stage 0 notices at 35.
                gap(0, .starved, 20, 33), gap(0, .handOver, 33, 35),
                // All that exists is done; micro-batch 2 is dispatched at 46 and begins at 52.
                gap(0, .blocked, 40, 46), gap(0, .handOver, 46, 52),
                // Decode layers follow decode layers, so the shares of the head between them make no switch.
                gap(0, .starved, 60, 70), gap(0, .handOver, 70, 75),
                gap(0, .drain, 80, 100),
                gap(1, .warmUp, 0, 10),
                gap(1, .phaseSwitch, 20, 22),
                gap(1, .blocked, 43, 46), gap(1, .starved, 46, 60), gap(1, .handOver, 60, 62),
            ])
    }

    @Test func busyAndIdleSharesSumToOne() {
        for recording in [sharedHead, twoStages, SimulatedRun(requests: 60, stages: 3).recording] {
            let statistics = RunStatistics(recording: recording)
            #expect((statistics.busyShare + statistics.idleShares.total - 1).magnitude < 1e-9)
            #expect((statistics.bubbleRatio - statistics.idleShares.total).magnitude < 1e-9)
            for stage in statistics.stages {
                let sum = stage.busySeconds + stage.idle.total
                #expect((sum - statistics.makespanSeconds).magnitude < 1e-9)
            }
        }
    }

    @Test func sharesAndTheBoundOfASharedHead() {
        let statistics = RunStatistics(recording: sharedHead)
        #expect(isClose(statistics.stages[0].busySeconds, 0.036))
        #expect(isClose(statistics.stages[0].headSeconds, 0.010))
        #expect(isClose(statistics.stages[1].busySeconds, 0.069))
        #expect(isClose(statistics.stages[1].headSeconds, 0.040))
        #expect(statistics.stages.map(\.microBatches) == [3, 3])
        #expect(isClose(statistics.busyShare, 0.105 / 0.2))
        #expect(isClose(statistics.idleShares[.starved], 0.037 / 0.2))
        #expect(isClose(statistics.idleShares[.blocked], 0.009 / 0.2))
        #expect(isClose(statistics.idleShares[.handOver], 0.015 / 0.2))
        #expect(isClose(statistics.idleShares[.phaseSwitch], 0.004 / 0.2))
        #expect(isClose(statistics.idleShares[.warmUp], 0.010 / 0.2))
        #expect(isClose(statistics.idleShares[.drain], 0.020 / 0.2))
        #expect(isClose(statistics.boundSeconds, 0.0525))
        #expect(isClose(statistics.wallOverBound ?? 0, 0.1 / 0.0525))
    }

    @Test func aShareOfTheHeadThatIsNeverASwitch() {
        // The stage waits for its share of a prefill's head, and then for the first decode.
        let switching = recording(
            stages: 2,
            steps: [step(0, .prefill, dispatched: 0, retired: 40), step(1, .decode, dispatched: 42, retired: 60)],
            spans: [
                span(0, 0, 0, 10), head(0, 0, 30, 32), span(0, 1, 45, 50), span(1, 0, 10, 30), head(1, 0, 30, 40),
                span(1, 1, 50, 60),
            ])
        let gaps = RunStatistics.idleGaps(in: switching).filter { $0.stage == StageID(0) }
        #expect(gaps == [gap(0, .starved, 10, 30), gap(0, .phaseSwitch, 32, 45), gap(0, .drain, 50, 60)])
    }

    @Test func mixedMicroBatchesBelongToBothPhases() {
        let steps = [
            step(0, .prefill, retired: 10), step(1, .mixed, retired: 25), step(2, .decode, dispatched: 28, retired: 40),
            step(3, .prefill, retired: 55),
        ]
        let mixed = recording(
            stages: 1, steps: steps,
            spans: [span(0, 0, 0, 10), span(0, 1, 12, 25), span(0, 2, 30, 40), span(0, 3, 45, 55)])
        #expect(
            RunStatistics.idleGaps(in: mixed) == [
                gap(0, .handOver, 10, 12), gap(0, .handOver, 25, 30), gap(0, .phaseSwitch, 40, 45),
            ])
    }

    @Test func workThatWasReadyEarlierThanTheNextCounts() {
        // Stage 0 takes micro-batch 1 at 30, but its share of the head of micro-batch 0 was ready from 20 on.
        let overtaken = recording(
            stages: 2, steps: [step(0, .decode, retired: 50), step(1, .decode, dispatched: 28, retired: 60)],
            spans: [
                span(0, 0, 0, 10), span(0, 1, 30, 40), head(0, 0, 40, 45), span(1, 0, 10, 20), head(1, 0, 20, 25),
                span(1, 1, 45, 50),
            ])
        let gaps = RunStatistics.idleGaps(in: overtaken).filter { $0.stage == StageID(0) }
        #expect(gaps == [gap(0, .starved, 10, 20), gap(0, .handOver, 20, 30), gap(0, .drain, 45, 50)])
    }

    @Test func everyCauseHasAKey() {
        #expect(
            IdleCause.allCases.map(\.key) == ["warm_up", "starved", "blocked", "phase_switch", "hand_over", "drain"])
        var amounts = IdleByCause()
        for (place, cause) in IdleCause.allCases.enumerated() { amounts[cause] = Double(1 << place) }
        #expect(IdleCause.allCases.map { amounts[$0] } == [1, 2, 4, 8, 16, 32])
        #expect(amounts.total == 63)
        #expect(amounts.scaled(by: 0.5)[.drain] == 16)
    }
}
