import Scheduling
import Testing

@Suite struct SeparatePolicyTests {
    @Test func promptsComeFirstAndNothingIsMixed() {
        var bench = Bench("separate", chunk: 8)
        bench.arrive(0, prompt: 3)
        bench.arrive(1, prompt: 10)
        #expect(bench.schedule() == [[Share(0, 0..<3), Share(1, 0..<5)]])
        bench.retire()
        bench.arrive(2, prompt: 4)
        #expect(bench.schedule() == [[Share(1, 5..<10), Share(2, 0..<3)]])
        bench.retire()
        #expect(bench.schedule() == [[Share(2, 3..<4)]])
        bench.retire()
        #expect(bench.schedule() == [[Share(0, 3..<4), Share(1, 10..<11), Share(2, 4..<5)]])
        #expect(bench.inFlight[0].phase == .decode)
        // A prompt that comes later goes before the next decode step.
        bench.arrive(3, prompt: 2)
        bench.retire()
        #expect(bench.schedule() == [[Share(3, 0..<2)]])
        #expect(bench.inFlight[0].phase == .prefill)
    }

    @Test func aDecodeMicroBatchTakesAllThatIsIdle() {
        var bench = Bench("separate", stages: 2, chunk: 4)
        for id in 0..<3 { bench.arrive(id, prompt: 2) }
        #expect(bench.schedule() == [[Share(0, 0..<2), Share(1, 0..<2)], [Share(2, 0..<2)]])
        bench.retire()
        #expect(bench.schedule() == [[Share(0, 2..<3), Share(1, 2..<3)]])
        #expect(bench.schedule() == [])
        bench.retire()
        #expect(bench.schedule() == [[Share(2, 2..<3)]])
    }
}
