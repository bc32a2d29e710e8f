import Reporting
import Scheduling
import Testing

@Suite struct DecodeImbalanceTests {
    private func imbalance(_ recording: RunRecording) -> DecodeImbalance {
        RunStatistics(recording: recording).imbalance
    }

    private func isClose(_ value: Double, _ expected: Double) -> Bool { (value - expected).magnitude < 1e-12 }

    @Test func layersAndHeadOfTheSlowestStageCount() {
        // Micro-batch 1 takes stage 1 21 ms (stage 0: 13), micro-batch 2 takes it 38 ms; 2 sequences and 1.
        let imbalance = imbalance(sharedHead)
        #expect(imbalance.microBatches == 2)
        #expect(isClose(imbalance.variation.time, 8.5 / 29.5))
        #expect(isClose(imbalance.variation.sequences, 0.5 / 1.5))
        #expect(imbalance.imbalance == imbalance.variation)
    }

    @Test func aSteadyDeclineIsNoImbalanceWithinTheRounds() {
        // Two stages, rounds of two: 10 and 10, then 4 and 4.
        let sizes = [10, 10, 4, 4]
        let steps = sizes.indices.map { step($0, .decode, decode: sizes[$0], retired: 100 * $0) }
        let spans = sizes.indices.map { span(0, $0, 100 * $0, 100 * $0 + sizes[$0]) }
        let imbalance = imbalance(recording(stages: 2, steps: steps, spans: spans))
        #expect(isClose(imbalance.variation.sequences, 3.0 / 7))
        #expect(imbalance.imbalance == DecodeImbalance.Spread())
    }

    @Test func aPrefillBeginsANewRound() {
        // Three stages: rounds are 2 and 4 (cut short by the prefill), 6 and 6 and 6, and a lone 9 that says nothing.
        let sizes = [2, 4, 0, 6, 6, 6, 9]
        let steps = sizes.indices.map { place in
            place == 2
                ? step(2, .prefill, prefill: 10, retired: 200)
                : step(place, place == 4 ? .mixed : .decode, decode: sizes[place], retired: 100 * place)
        }
        let spans = sizes.indices.map { span(0, $0, 100 * $0, 100 * $0 + 10) }
        let imbalance = imbalance(recording(stages: 3, steps: steps, spans: spans))
        #expect(imbalance.microBatches == 6)
        #expect(isClose(imbalance.imbalance.sequences, (1.0 / 3 + 0) / 2))
        #expect(imbalance.imbalance.time == 0)
    }

    @Test func oneStageHasNoRounds() {
        let steps = [2, 8].enumerated().map { step($0.offset, .decode, decode: $0.element, retired: 10) }
        let imbalance = imbalance(recording(stages: 1, steps: steps, spans: [span(0, 0, 0, 2), span(0, 1, 2, 10)]))
        #expect(isClose(imbalance.variation.sequences, 0.6))
        #expect(imbalance.imbalance == DecodeImbalance.Spread())
    }

    @Test func nothingToCompareIsNoImbalance() {
        #expect(imbalance(recording(stages: 2, steps: [], spans: [])) == DecodeImbalance())
        let cut = recording(stages: 2, steps: [step(0, .decode, decode: 3, retired: 1)], spans: [])
        #expect(imbalance(cut).microBatches == 0)
    }

    @Test func keysStandInFixedOrder() {
        let imbalance = DecodeImbalance(
            microBatches: 3, variation: .init(time: 0.5, sequences: 0.25), imbalance: .init(time: 0.125, sequences: 2))
        #expect(
            imbalance.json.compact == #"{"decode_micro_batches":3,"round_time":0.125,"round_sequences":2.0,"#
                + #""run_time":0.5,"run_sequences":0.25}"#)
    }
}
