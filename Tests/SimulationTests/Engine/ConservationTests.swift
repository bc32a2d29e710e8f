import Scheduling
import Simulation
import Testing

/// What holds in every world.
@Suite struct ConservationTests {
    @Test(arguments: 0..<10 as Range<UInt64>)
    func fiftyWorlds(block: UInt64) throws {
        for seed in block * 50..<(block + 1) * 50 {
            let world = World(seed: seed)
            try check(world, try world.run())
        }
    }

    @Test(arguments: PolicyCatalogue.names, 1...16)
    func everyPolicyEndsOnAnyDepth(policy: String, stages: Int) throws {
        for seed in 1000..<1004 as Range<UInt64> {
            let world = World(seed: seed, policy: policy, stages: stages)
            try check(world, try world.run())
        }
    }

    private func check(_ world: World, _ run: SimulatedRun) throws {
        let note: Comment = "seed \(world.seed), \(world.policy), \(world.configuration.stages) stages"
        for (request, outcome) in zip(world.requests, run.requests) {
            try #require(outcome.generated == request.outputTokens && outcome.refusal == nil, note)
            let first = try #require(outcome.firstToken, note)
            let end = try #require(outcome.end, note)
            try #require(outcome.arrival >= request.arrival && first >= outcome.arrival && end >= first, note)
        }
        // The last token of an answer is never computed; what was preempted is computed again.
        let needed = world.requests.reduce(0) { $0 + $1.promptTokens + $1.outputTokens - 1 }
        try #require(run.scheduledTokens == needed + run.counters.recomputedTokens, note)
        try #require(run.end == run.requests.compactMap(\.end).max(), note)
        try #require(run.recording.steps.count == run.counters.microBatches, note)
        // A gap for each token but the first of its answer, none longer than an answer takes.
        let answered = run.requests.count
        try #require(run.tokenGaps.count == run.outputTokens - answered, note)
        let spans = run.requests.compactMap { outcome in
            outcome.firstToken.flatMap { first in outcome.end.map { $0.nanoseconds - first.nanoseconds } }
        }
        try #require(run.tokenGaps.longest <= spans.max() ?? 0, note)
        try checkSteps(world, run, note)
        try checkStages(world, run, note)
        try checkOrder(world, run, note)
    }

    /// Micro-batches retire in their order, and not before their messages can have come.
    private func checkSteps(_ world: World, _ run: SimulatedRun, _ note: Comment) throws {
        let steps = run.recording.steps
        try #require(steps.map(\.microBatch.rawValue) == Array(0..<steps.count), note)
        let isOrdered = zip(steps, steps.dropFirst()).allSatisfy { step, next in
            step.retired <= next.retired && step.dispatched <= next.dispatched
        }
        try #require(isOrdered, note)
        try #require(steps.allSatisfy { $0.blocksInUse <= world.configuration.blockCount }, note)
        try #require(steps.last?.blocksInUse == 0 && steps.last?.liveRequests == 0, note)
    }

    /// A stage does one thing at a time, for as long as the timing says.
    private func checkStages(_ world: World, _ run: SimulatedRun, _ note: Comment) throws {
        var busy: Int64 = 0
        for (stage, use) in run.stages.enumerated() {
            let spans = run.recording.spans.filter { $0.stage.rawValue == stage }
            try #require(zip(spans, spans.dropFirst()).allSatisfy { $0.end <= $1.begin }, note)
            let sum = spans.reduce(0) { $0 + $1.end.nanoseconds - $1.begin.nanoseconds }
            try #require(use.busyNanoseconds == sum, note)
            try #require(use.first == spans.first?.begin && use.last == spans.last?.end, note)
            let layers = spans.filter { $0.work == .layers }
            try #require(layers.map(\.microBatch.rawValue) == Array(0..<layers.count), note)
            let isTimed = zip(layers, run.recording.steps).allSatisfy { span, step in
                let tokens = step.prefillTokens + step.decodeTokens
                let expected = world.timing.layers[stage] + world.timing.perToken * tokens
                return span.end.nanoseconds - span.begin.nanoseconds == expected
            }
            try #require(isTimed, note)
            busy += sum
        }
        let begin = run.recording.spans.map(\.begin.nanoseconds).min() ?? 0
        let end = run.recording.spans.map(\.end.nanoseconds).max() ?? 0
        try #require(busy <= Int64(run.stages.count) * (end - begin), note)
        try #require(run.bubbleRatio >= -1e-12 && run.bubbleRatio <= 1, note)
    }

    /// A stage begins nothing before its input can be there, and a micro-batch retires after all work on it.
    private func checkOrder(_ world: World, _ run: SimulatedRun, _ note: Comment) throws {
        let stages = run.stages.count
        let dispatch = nanoseconds(world.network.dispatchSeconds + world.options.controllerSeconds)
        let retire = nanoseconds(world.network.retireSeconds)
        var ends = [[Int64]](repeating: [], count: stages)
        for span in run.recording.spans where span.work == .layers {
            ends[span.stage.rawValue].append(span.end.nanoseconds)
        }
        let early = run.recording.spans.filter { span in
            let batch = span.microBatch.rawValue
            let stage = span.stage.rawValue
            let step = run.recording.steps[batch]
            var ready = step.dispatched.nanoseconds + dispatch
            if span.work == .head {
                let way = stage < stages - 1 ? nanoseconds(world.network.toHeads[stage].latencySeconds) : 0
                ready = max(ready, ends[stages - 1][batch] + way)
            } else if stage > 0 {
                let bytes = world.timing.bytesPerToken * (step.prefillTokens + step.decodeTokens)
                let link = world.network.forward[stage - 1]
                let way = nanoseconds(link.latencySeconds) + nanoseconds(Double(bytes) / link.bytesPerSecond)
                ready = max(ready, ends[stage - 1][batch] + way)
            }
            return span.begin.nanoseconds < ready || span.end.nanoseconds + retire > step.retired.nanoseconds
        }
        try #require(early.isEmpty, note)
    }

    private func nanoseconds(_ seconds: Double) -> Int64 { Int64((seconds * 1e9).rounded()) }
}
