import Scheduling

/// A recording as a temporally disaggregated run leaves it: stretches of prefill, rounds of decode, switches with their
/// figures, and an output head that all stages share. It is made by a small simulation of stages and links, so that the
/// spans fit together; the same arguments always give the same recording.
struct SimulatedRun {
    private enum Event {
        case layersArrive(stage: Int, batch: Int)
        case headArrives(stage: Int, batch: Int)
        case ended(stage: Int, batch: Int, work: StageWork, begin: Int)
    }

    private struct Batch {
        var phase: Phase
        /// Output tokens left of each sequence.
        var sequences: [Int]
        var tokens: Int
        var dispatched: Int
        var headsLeft: Int
        var predicted: Int
        var decision: PhaseDecision?
    }

    private struct Stage {
        var layers: [Int] = []
        var heads: [Int] = []
        var isBusy = false
    }

    private let poolBlocks = 2000
    private let hop = 60_000
    private var random: UInt64 = 42
    /// Nanoseconds.
    private var now = 0
    private var events: [(time: Int, event: Event)] = []
    private var stages: [Stage]
    private var batches: [Batch] = []
    private var inFlight = 0
    private var waiting: Int
    private var isPrefilling = true
    private var decision: PhaseDecision?
    private var idle: [Int] = []
    private var blocks = 0
    private var live = 0
    private var mostLive = 0
    private(set) var recording: RunRecording

    /// Runs `requests` requests through `stages` stages, or the start of them until `limit` micro-batches.
    init(requests: Int, stages count: Int, limit: Int = .max, model: String = "SmolLM2-135M-Instruct") {
        stages = Array(repeating: Stage(), count: count)
        waiting = requests
        recording = RunRecording(
            model: model, policy: "td-pipe", stages: count, threadsPerStage: 1, blocksTotal: poolBlocks,
            tokensPerBlock: 16)
        repeat {
            plan(limit)
            guard let next = events.indices.min(by: { events[$0].time < events[$1].time }) else { break }
            let (time, event) = events.remove(at: next)
            now = time
            handle(event)
        } while true
        recording.end = Instant(nanoseconds: Int64(now))
    }

    private mutating func draw(_ range: Range<Int>) -> Int {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return range.lowerBound + Int(random >> 33) % range.count
    }

    private mutating func plan(_ limit: Int) {
        let count = stages.count
        while batches.count < limit {
            if isPrefilling {
                let isFull = blocks > poolBlocks * 8 / 10
                guard waiting > 0, !isFull else {
                    isPrefilling = false
                    mostLive = live
                    decision = .init(
                        to: .decode, reason: isFull ? .poolForecast : .noneWaiting, waiting: waiting, decoding: live)
                    continue
                }
                guard inFlight < count + 2 else { return }
                let sequences = (0..<min(waiting, draw(1..<5))).map { _ in draw(20..<400) }
                waiting -= sequences.count
                live += sequences.count
                let tokens = sequences.reduce(0) { sum, _ in sum + draw(40..<300) }
                blocks += tokens / 16 + sequences.count
                dispatch(.prefill, sequences, tokens: tokens)
            } else {
                if waiting > 0, live < mostLive * 55 / 100 {
                    // In a decode phase nothing but the rest of the rounds may be in flight.
                    let temporal = 0.82 + Double(draw(0..<100)) / 1000
                    decision = .init(
                        to: .prefill, reason: .intensity, spatial: temporal - 0.0041, temporal: temporal,
                        waiting: waiting, decoding: live)
                    isPrefilling = true
                    continue
                }
                guard inFlight < count, !idle.isEmpty else { return }
                let share = min(idle.count, max(1, (live + count - 1) / count))
                let sequences = Array(idle.prefix(share))
                idle.removeFirst(share)
                dispatch(.decode, sequences, tokens: share)
            }
        }
    }

    private mutating func dispatch(_ phase: Phase, _ sequences: [Int], tokens: Int) {
        let batch = batches.count
        let predicted = min(poolBlocks * 11 / 10, blocks + live * 8)
        batches.append(
            Batch(
                phase: phase, sequences: sequences, tokens: tokens, dispatched: now, headsLeft: stages.count,
                predicted: predicted, decision: decision))
        decision = nil
        inFlight += 1
        events.append((now + hop, .layersArrive(stage: 0, batch: batch)))
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .layersArrive(let stage, let batch):
            stages[stage].layers.append(batch)
            begin(stage)
        case .headArrives(let stage, let batch):
            stages[stage].heads.append(batch)
            begin(stage)
        case .ended(let stage, let batch, let work, let begun):
            recording.spans.append(
                StageSpan(
                    stage: StageID(stage), microBatch: MicroBatchID(batch), work: work,
                    begin: Instant(nanoseconds: Int64(begun)), end: Instant(nanoseconds: Int64(now))))
            stages[stage].isBusy = false
            pass(on: batch, from: stage, work)
            begin(stage)
        }
    }

    private mutating func pass(on batch: Int, from stage: Int, _ work: StageWork) {
        if work == .head {
            batches[batch].headsLeft -= 1
            if batches[batch].headsLeft == 0 { retire(batch) }
        } else if stage + 1 < stages.count {
            events.append((now + hop, .layersArrive(stage: stage + 1, batch: batch)))
        } else {
            for other in stages.indices {
                events.append((now + (other == stage ? 0 : hop), .headArrives(stage: other, batch: batch)))
            }
        }
    }

    private mutating func begin(_ stage: Int) {
        guard !stages[stage].isBusy else { return }
        let work: StageWork = stages[stage].heads.isEmpty ? .layers : .head
        guard work == .head || !stages[stage].layers.isEmpty else { return }
        let batch = work == .head ? stages[stage].heads.removeFirst() : stages[stage].layers.removeFirst()
        stages[stage].isBusy = true
        let rows = batches[batch].sequences.count
        let wake = draw(4_000..<30_000)
        // The last stage is a little slower, as its layers never divide evenly.
        let slower = stage == stages.count - 1 ? 105 : 100
        let layers = (400_000 + batches[batch].tokens * (batches[batch].phase == .prefill ? 90_000 : 140_000)) * slower
        let cost = work == .head ? 120_000 + rows * 60_000 : layers / 100
        let time = cost * draw(97..<104) / 100 / stages.count
        events.append(
            (now + wake + time, .ended(stage: stage, batch: batch, work: work, begin: now + wake)))
    }

    private mutating func retire(_ id: Int) {
        let batch = batches[id]
        inFlight -= 1
        let left = batch.sequences.map { $0 - 1 }.filter { $0 > 0 }
        let finished = batch.sequences.count - left.count
        idle += left
        live -= finished
        blocks = max(live, blocks + left.count / 16 - finished * 18)
        recording.steps.append(
            StepRecord(
                microBatch: MicroBatchID(id), phase: batch.phase,
                prefillTokens: batch.phase == .prefill ? batch.tokens : 0,
                decodeTokens: batch.phase == .decode ? batch.tokens : 0, sequences: batch.sequences.count,
                dispatched: Instant(nanoseconds: Int64(batch.dispatched)), retired: Instant(nanoseconds: Int64(now)),
                blocksInUse: min(poolBlocks, blocks), liveRequests: live, waitingRequests: waiting,
                predictedPeakBlocks: batch.predicted, decision: batch.decision))
    }
}
