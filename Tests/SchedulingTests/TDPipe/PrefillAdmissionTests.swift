import Scheduling
import TestTools
import Testing

/// What td-pipe foresees of a prefill phase is what the phase does.
@Suite struct PrefillAdmissionTests {
    /// Admits requests and lets none decode. Whenever nothing is in flight it begins a prefill phase, and looks ahead first.
    private struct Prefills: SchedulingPolicy {
        let name = "prefills"
        let rules: AdmissionRules
        let lengths: any LengthPredictor
        let costs: TestCost
        let foreseen: Foreseen
        var pipeline = PipelineState()
        var phase = PrefillPhase()

        init(_ options: TDPipeOptions, stages: Int, lengths: any LengthPredictor, foreseen: Foreseen) {
            rules = AdmissionRules(options, areLengthsExact: lengths.isExact)
            self.lengths = lengths
            self.foreseen = foreseen
            costs = TestCost(stages: stages)
        }

        mutating func plan(_ view: SchedulerView) -> StepPlan? {
            pipeline.settle(view)
            if view.inFlight == 0 {
                phase = PrefillPhase()
                foreseen.look(rules, lengths, view)
            }
            guard case .unit(let plan) = phase.nextUnit(rules, &pipeline, costs, lengths, view) else { return nil }
            return plan
        }
    }

    /// The requests of the latest look ahead. Used by one test and its policy, on one thread.
    private final class Foreseen: @unchecked Sendable {
        var requests: [RequestID] = []

        func look(_ rules: AdmissionRules, _ lengths: any LengthPredictor, _ view: SchedulerView) {
            requests = []
            var admission = PrefillAdmission(rules, upTo: view.configuration.blockCount, cut: nil, lengths, view)
            var builder = MicroBatchBuilder(view)
            _ = admission.fill(&builder, upTo: .max, cut: nil, lengths, view) { sequence, _ in
                requests.append(sequence.request)
            }
        }
    }

    private func configuration(_ random: inout SplitMix) -> EngineConfiguration {
        let stages = random.int(1...4)
        return EngineConfiguration(
            stages: stages, tokensPerBlock: random.element([1, 4, 16]), blockCount: random.int(30...200),
            contextLength: 1000, prefillChunk: random.element([1, 7, 40, 512]), maxSequences: random.int(1...30),
            prefillWindow: 10_000)
    }

    /// Three phases of each of 300 engines, each with more requests that hold blocks than the one before. Fewer requests
    /// wait than may be passed over in one unit, so that it does not matter that each unit counts them anew.
    @Test func aPhaseAdmitsWhatTheLookAheadAdmits() throws {
        var admittedInAll = 0
        var heldBackInAll = 0
        for seed in 0..<300 {
            var random = SplitMix(schedule: seed)
            let configuration = configuration(&random)
            let share = Double(random.int(1...20)) / 20
            let options = TDPipeOptions(
                greedy: random.oneIn(3) ? .fixed(share) : .predicted, order: random.element([.arrival, .longest]))
            let foreseen = Foreseen()
            let lengths: any LengthPredictor = random.oneIn(2) ? OraclePredictor() : TestPredictor(.constant(5))
            var core = EngineCore(
                configuration: configuration,
                policy: Prefills(options, stages: configuration.stages, lengths: lengths, foreseen: foreseen))
            var next = 0
            for _ in 0..<3 {
                var actions: [EngineAction] = []
                for _ in 0..<random.int(1...20) {
                    let prompt = [TokenID](repeating: 1, count: random.int(1...20))
                    let spec = RequestSpec(id: RequestID(next), prompt: prompt, maxNewTokens: random.int(1...10))
                    core.handle(.arrived(spec), at: .zero, into: &actions)
                    next += 1
                }
                core.handle(.schedule, at: .zero, into: &actions)
                var admitted: [RequestID] = []
                for case .dispatch(let batch) in actions {
                    for slice in batch.slices where slice.start == 0 { admitted.append(slice.request) }
                    let drawn = batch.slices.map { $0.draws.map { _ in SampledToken(1) } }
                    core.handle(.retired(batch.id, drawn), at: .zero, into: &actions)
                }
                #expect(admitted == foreseen.requests, "seed \(seed), \(options)")
                admittedInAll += admitted.count
                heldBackInAll += core.waitingRequests
            }
        }
        #expect(admittedInAll > 1000 && heldBackInAll > 1000)
    }
}
