/// The unit of work of a stage: some tokens of some sequences, computed in one pass over the stage's layers.
///
/// Rows are packed without padding: slice after slice, token after token.
public struct MicroBatch: Sendable {
    /// Also the sequence number by which each stage orders its work.
    public let id: MicroBatchID
    public let phase: Phase
    public let slices: [SequenceSlice]
    /// Whether it and all micro-batches that were in flight at its dispatch are decode steps of much the same size: of
    /// sequences one more or less, or a third. It depends on none in flight and none depends on it, so no layer cares which
    /// comes first, and they take much the same time.
    public let isAmongLikeDecodeSteps: Bool

    public init(id: MicroBatchID, phase: Phase, slices: [SequenceSlice], isAmongLikeDecodeSteps: Bool = false) {
        self.id = id
        self.phase = phase
        self.slices = slices
        self.isAmongLikeDecodeSteps = isAmongLikeDecodeSteps
    }

    /// Rows of the batch.
    public var tokenCount: Int { slices.reduce(0) { $0 + $1.tokens.count } }

    /// What decides how long a stage computes it.
    public var load: StepLoad {
        slices.reduce(StepLoad(tokens: 0, context: 0, sequences: 0)) { sum, slice in
            sum + .prefill(tokens: slice.tokens.count, from: slice.start, isLast: slice.sampling != nil)
        }
    }
}

/// The tokens of one sequence that a micro-batch computes.
public struct SequenceSlice: Sendable {
    public let request: RequestID
    /// Position of the first token in its sequence.
    public let start: Int
    /// At least one.
    public let tokens: TokenRun
    /// The sequence's block table, covering positions 0 ..< start + tokens.count.
    public let blocks: [BlockID]
    /// Present if the last token is the last known one, so that the next token is to be drawn from its logits.
    public let sampling: SamplingTask?

    public init(
        request: RequestID, start: Int, tokens: [TokenID], blocks: [BlockID], sampling: SamplingTask?
    ) {
        self.init(request: request, start: start, tokens: TokenRun(tokens), blocks: blocks, sampling: sampling)
    }

    public init(
        request: RequestID, start: Int, tokens: TokenRun, blocks: [BlockID], sampling: SamplingTask?
    ) {
        self.request = request
        self.start = start
        self.tokens = tokens
        self.blocks = blocks
        self.sampling = sampling
    }
}

/// How to draw the next token of a sequence. Holds all that the draw depends on beside the logits, so that a stage
/// keeps no state of requests and a recomputed sequence draws the same tokens again.
public struct SamplingTask: Sendable {
    /// Boxed: a request's parameters are large and stay the same, and each of its micro-batches names them.
    final class Shared: Sendable {
        let parameters: SamplingParameters
        init(_ parameters: SamplingParameters) { self.parameters = parameters }
    }
    /// nil for greedy draws.
    private let shared: Shared?
    /// Tokens drawn so far: the position of this draw in the answer.
    public let generated: Int
    /// Prompt and answer so far, only if the parameters need it; else empty.
    public let history: [TokenID]

    public var parameters: SamplingParameters { shared?.parameters ?? .greedy }

    public init(parameters: SamplingParameters, generated: Int, history: [TokenID]) {
        self.init(Shared(parameters), generated: generated, history: history)
    }

    init(_ shared: Shared?, generated: Int, history: [TokenID]) {
        self.shared = shared
        self.generated = generated
        self.history = history
    }
}
