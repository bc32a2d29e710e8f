import Scheduling
import Testing

@Suite struct AutoPolicyTests {
    @Test func allRequestsEnd() throws {
        let policy = AutoPolicy(
            costs: WeightBoundCost(stages: 2, knee: 64), lengths: HistoryPredictor(respectsLimit: true))
        var run = PolicyRun(stages: 2, tokensPerBlock: 16, blocks: 300, chunk: 256, policy: policy, issuesAhead: true)
        for id in 0..<300 { run.arrive(id, prompt: 20 + id * 37 % 300, answer: 2 + id * 13 % 80) }
        try run.finish()
        #expect(run.ended.count == 300)
    }

    /// From any state of any policy, each other policy goes on: no sequence is left behind.
    @Test(arguments: PolicyCatalogue.compared, PolicyCatalogue.compared)
    func eachPolicyTakesOverFromEachOther(first: String, second: String) throws {
        for handOver in [1, 2, 5, 17, 40] {
            let policy = HandOver(
                from: TestPolicies.named(first, stages: 3), to: TestPolicies.named(second, stages: 3), after: handOver)
            var run = PolicyRun(stages: 3, tokensPerBlock: 4, blocks: 90, chunk: 24, policy: policy, issuesAhead: true)
            for id in 0..<25 { run.arrive(id, prompt: 3 + id * 17 % 70, answer: 1 + id * 7 % 30) }
            try run.finish()
            #expect(run.ended.count == 25, "\(first) to \(second) after \(handOver)")
        }
    }

    @Test func equalRunsChooseAlike() throws {
        func run() throws -> [PolicyRun.Batch] {
            let policy = AutoPolicy(
                costs: WeightBoundCost(stages: 2, knee: 64), lengths: HistoryPredictor(respectsLimit: false))
            var run = PolicyRun(
                stages: 2, tokensPerBlock: 16, blocks: 300, chunk: 256, policy: policy, issuesAhead: true)
            for id in 0..<120 { run.arrive(id, prompt: 20 + id * 37 % 300, answer: 2 + id * 13 % 80) }
            try run.finish()
            return run.batches
        }
        #expect(try run() == run())
    }
}

/// One policy for some plans, then another.
private struct HandOver: SchedulingPolicy {
    let name = "hand-over"
    private var policy: any SchedulingPolicy
    private var next: (any SchedulingPolicy)?
    private var left: Int

    init(from first: any SchedulingPolicy, to second: any SchedulingPolicy, after plans: Int) {
        policy = first
        next = second
        left = plans
    }

    mutating func plan(_ view: SchedulerView) -> StepPlan? {
        if left == 0, let next {
            policy = next
            policy.takeOver(view)
            self.next = nil
        }
        left -= 1
        return policy.plan(view)
    }

    mutating func observe(_ step: RetiredStep) { policy.observe(step) }
    mutating func observe(_ answer: FinishedAnswer) {
        policy.observe(answer)
        next?.observe(answer)
    }
}
