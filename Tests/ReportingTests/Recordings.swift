import Scheduling

/// Times in whole milliseconds keep hand-computed cases readable.
func at(_ milliseconds: Int) -> Instant { Instant(nanoseconds: Int64(milliseconds) * 1_000_000) }

func span(_ stage: Int, _ microBatch: Int, _ begin: Int, _ end: Int) -> StageSpan {
    StageSpan(stage: StageID(stage), microBatch: MicroBatchID(microBatch), begin: at(begin), end: at(end))
}

/// A stage's share of the output head.
func head(_ stage: Int, _ microBatch: Int, _ begin: Int, _ end: Int) -> StageSpan {
    StageSpan(
        stage: StageID(stage), microBatch: MicroBatchID(microBatch), work: .head, begin: at(begin), end: at(end))
}

func step(
    _ microBatch: Int, _ phase: Phase, prefill: Int = 0, decode: Int = 0, sequences: Int = 1, dispatched: Int = 0,
    retired: Int, blocks: Int = 0, live: Int = 0, waiting: Int = 0, predicted: Int? = nil,
    decision: PhaseDecision? = nil, trials: [PolicyTrial] = []
) -> StepRecord {
    StepRecord(
        microBatch: MicroBatchID(microBatch), phase: phase, prefillTokens: prefill, decodeTokens: decode,
        sequences: sequences, dispatched: at(dispatched), retired: at(retired), blocksInUse: blocks,
        liveRequests: live, waitingRequests: waiting, predictedPeakBlocks: predicted, decision: decision, trials: trials
    )
}

func recording(
    model: String = "tiny", stages: Int, steps: [StepRecord], spans: [StageSpan], blocksTotal: Int = 64
) -> RunRecording {
    var recording = RunRecording(
        model: model, policy: "td-pipe", stages: stages, threadsPerStage: 1, blocksTotal: blocksTotal,
        tokensPerBlock: 16)
    recording.steps = steps
    recording.spans = spans
    recording.end = spans.map(\.end).max() ?? .zero
    return recording
}

/// Two candidates, one of which may have stalled.
func trial(
    _ number: Int, _ occasion: PolicyTrial.Occasion = .answersEnded, rate: Double?, from: Int = 0, to: Int,
    second: String = "hybrid+chunk=512"
) -> PolicyTrial {
    PolicyTrial(
        number: number, occasion: occasion, waiting: 1234, active: 40, answers: 32 * number,
        candidates: [.init(name: "td-pipe", rate: 1), .init(name: second, rate: rate)], inCharge: from, chosen: to)
}

/// One stage, three decode steps, with a trial that changes nothing before the first and two trials before the third.
func triedPolicies(second: String = "hybrid+chunk=512") -> RunRecording {
    recording(
        stages: 1,
        steps: [
            step(
                0, .decode, dispatched: 0, retired: 20, trials: [trial(1, .start, rate: nil, to: 0, second: second)]),
            step(1, .decode, dispatched: 20, retired: 40),
            step(
                2, .decode, dispatched: 500, retired: 1000,
                trials: [
                    trial(2, rate: 1.25, to: 1, second: second), trial(3, rate: 1, from: 1, to: 1, second: second),
                ]),
        ], spans: [span(0, 0, 0, 20), span(0, 1, 20, 40), span(0, 2, 500, 1000)])
}

/// Two stages, two prefills and two decodes (time in milliseconds):
/// ```
///          10   20   30   40   50   60   70   80   90
/// stage 0  P0   P1   -    -    D2   .    D3   .         prefills 10-20, 20-30; decodes 50-60, 70-80
/// stage 1       P0   .P1  .    .    .D2  .    D3        prefills 20-30, 32-40; decodes 65-70, 80-90
/// ```
/// Micro-batch 2 is dispatched at 40 and micro-batch 3 at 66.
let twoStages = recording(
    stages: 2,
    steps: [
        step(0, .prefill, prefill: 100, sequences: 2, dispatched: 5, retired: 30, blocks: 7, live: 2, waiting: 3),
        step(1, .prefill, prefill: 60, sequences: 1, dispatched: 5, retired: 40, blocks: 11, live: 3, waiting: 2),
        step(2, .decode, decode: 3, sequences: 3, dispatched: 40, retired: 70, blocks: 12, live: 3, waiting: 2),
        step(3, .decode, decode: 2, sequences: 2, dispatched: 66, retired: 90, blocks: 4, live: 1, waiting: 2),
    ],
    spans: [
        span(1, 0, 20, 30), span(0, 0, 10, 20), span(0, 1, 20, 30), span(1, 1, 32, 40),
        span(0, 2, 50, 60), span(0, 3, 70, 80), span(1, 2, 65, 70), span(1, 3, 80, 90),
    ])

/// Two stages that share the output head, one switch (time in milliseconds):
/// ```
///          0    10   20   30   40   50   60   70   80   90   100
/// stage 0  P0   D1   .    .h1  h1.  D2   ..   ..h2  -    -           layers 0-10, 12-20, 52-60; heads 35-40, 75-80
/// stage 1  -    P0   .D1  D1   h1.  .    ..   D2   h2h2 h2          layers 10-20, 22-33; head 33-43; 62-70; 70-100
/// ```
/// Micro-batch 0 is dispatched at 0 and 1 at 5; micro-batch 2 at 46, once tokens are back.
let sharedHead = recording(
    stages: 2,
    steps: [
        step(0, .prefill, prefill: 64, sequences: 2, dispatched: 0, retired: 20, blocks: 4, live: 2, predicted: 9),
        step(
            1, .decode, decode: 2, sequences: 2, dispatched: 5, retired: 43, blocks: 5, live: 2, predicted: 10,
            decision: PhaseDecision(to: .decode, reason: .noneWaiting, waiting: 0, decoding: 2)),
        step(2, .decode, decode: 1, sequences: 1, dispatched: 46, retired: 100, blocks: 0, live: 0, predicted: 70),
    ],
    spans: [
        span(0, 0, 0, 10), span(0, 1, 12, 20), head(0, 1, 35, 40), span(0, 2, 52, 60), head(0, 2, 75, 80),
        span(1, 0, 10, 20), span(1, 1, 22, 33), head(1, 1, 33, 43), span(1, 2, 62, 70), head(1, 2, 70, 100),
    ])
