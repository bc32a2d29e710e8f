import Scheduling
import Testing

/// td-pipe on stages that take a second a token: a prefill unit has 32 tokens, or the prefill chunk if that is less.
@Suite struct TDPipePrefillTests {
    @Test func promptsArePackedIntoEqualUnitsAndIssuedAhead() {
        var bench = Bench("td-pipe", stages: 2)
        bench.arrive(0, prompt: 50)
        bench.arrive(1, prompt: 20)
        bench.arrive(2, prompt: 30)
        // The second piece of a prompt follows the first, which is still in flight.
        #expect(
            bench.schedule() == [
                [Share(0, 0..<32)], [Share(0, 32..<50), Share(1, 0..<14)], [Share(1, 14..<20), Share(2, 0..<26)],
                [Share(2, 26..<30)],
            ])
        #expect(bench.inFlight.allSatisfy { $0.phase == .prefill })
    }

    @Test func noMoreThanTheWindowIsIssuedAhead() {
        var bench = Bench("td-pipe", stages: 2)
        bench.arrive(0, prompt: 400)
        #expect(bench.schedule().count == 8)
        bench.retire()
        #expect(bench.schedule() == [[Share(0, 256..<288)]])
    }

    @Test func aRequestAloneMayFillThePool() {
        var bench = Bench("td-pipe", blocks: 200, chunk: 1000)
        bench.arrive(0, prompt: 200, max: 1)
        bench.arrive(1, prompt: 1, max: 1)
        #expect(bench.schedule().joined().allSatisfy { $0.request == 0 })
        #expect(bench.finish() > 1)
        #expect(bench.core.counters.blocksPeak == 200)
    }

    @Test func aPromptIsAdmittedWhileThePeakIsWithinThePool() {
        // Each answer is expected to have 21 tokens, and so to hold 10 + 20 blocks at last.
        for (blocks, admitted) in [(59, 1), (60, 2), (89, 2), (90, 3)] {
            var bench = Bench("td-pipe", stages: 1, blocks: blocks)
            for id in 0..<4 { bench.arrive(id, prompt: 10, max: 21) }
            #expect(bench.schedule()[0].count == admitted, "\(blocks) blocks")
            _ = bench.finish()
            #expect(bench.core.counters.preemptions == 0)
        }
    }

    @Test func moreIsAdmittedWhenTheShortLeaveBeforeTheLongGrow() {
        // At their ends they hold 10 + 49 and 40 + 3 blocks, but the short one leaves early: counted up to three steps
        // after its last, when the long one holds 10 + 6.
        for (short, admitted) in [(40, 2), (41, 1)] {
            var bench = Bench("td-pipe", stages: 1, blocks: 59)
            bench.arrive(0, prompt: 10, max: 50)
            bench.arrive(1, prompt: short, max: 4)
            #expect(Set(bench.schedule().joined().map(\.request)).count == admitted, "\(short) tokens")
        }
    }

    @Test func noMoreSequencesThanAllowed() {
        var bench = Bench("td-pipe", stages: 2, maxSequences: 2)
        for id in 0..<3 { bench.arrive(id, prompt: 2, max: 4) }
        #expect(bench.schedule() == [[Share(0, 0..<2), Share(1, 0..<2)]])
        #expect(bench.finish() > 3)
    }

    /// What an answer has lost is computed again as a prompt. Its last token alone would be a decode step.
    @Test func aRecomputedAnswerIsCutLikeAPrompt() throws {
        for chunk in 1...9 {
            var bench = Bench(TestPolicies.blind, stages: 2, blocks: 30, chunk: chunk)
            for id in 0..<4 { bench.arrive(id, prompt: 5, max: 20) }
            #expect(bench.finish() < 1000)
            #expect(bench.core.counters.preemptions > 0)
            try bench.core.checkIntegrity()
        }
    }

    /// A phase's forecast counts answers that have ended since. With answers of one token all of them have, whenever the
    /// next unit is made.
    @Test(arguments: ["td-pipe", TestPolicies.learning, TestPolicies.constant])
    func answersOfOneTokenAreServedManyAtATime(policy: String) {
        // The pool holds three answers of 300 tokens.
        var bench = Bench(policy, stages: 4, blocks: 1000)
        for id in 0..<200 { bench.arrive(id, prompt: 20, max: 1) }
        // A unit has 32 tokens.
        let steps = bench.finish()
        #expect(steps <= 200 * 20 / 32 + 20, "\(steps) micro-batches")
    }
}
