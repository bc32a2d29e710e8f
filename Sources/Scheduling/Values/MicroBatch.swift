/// The unit of work of a stage: some tokens of some sequences, computed in one pass over the stage's layers.
///
/// Rows are packed without padding: slice after slice, token after token.
public struct MicroBatch: Sendable {
    /// Also the sequence number by which each stage orders its work.
    public let id: MicroBatchID
    public let phase: Phase
    public let slices: [SequenceSlice]
    /// Whether this micro-batch and all micro-batches in flight at its dispatch are decode steps of about the same
    /// size: the numbers of sequences differ by one at most, or by a third. Such micro-batches do not depend on each
    /// other, so a layer may compute them in any order, and they take about the same time.
    public let isAmongLikeDecodeSteps: Bool

    public init(id: MicroBatchID, phase: Phase, slices: [SequenceSlice], isAmongLikeDecodeSteps: Bool = false) {
        self.id = id
        self.phase = phase
        self.slices = slices
        self.isAmongLikeDecodeSteps = isAmongLikeDecodeSteps
    }

    /// Rows of the batch.
    public var tokenCount: Int { slices.reduce(0) { $0 + $1.tokens.count } }

    /// The load on a stage, which decides how long the micro-batch takes.
    public var load: StepLoad {
        slices.reduce(StepLoad(tokens: 0, context: 0, sequences: 0)) { sum, slice in
            var load = StepLoad.prefill(tokens: slice.tokens.count, from: slice.start)
            load.sequences = slice.draws.count
            return sum + load
        }
    }
}

/// The tokens of one sequence that a micro-batch computes.
public struct SequenceSlice: Sendable {
    public let request: RequestID
    /// At least one.
    public let tokens: TokenRun
    /// The sequence's block table, covering positions 0 ..< start + tokens.count.
    public let blocks: [BlockID]
    /// Where tokens are drawn, and how: at the last row if its token is the last known one. A stage draws one token at
    /// each draw point, from the logits of its row.
    public let draws: DrawPoints
    private let storedStart: Int32

    /// Position of the first token in its sequence.
    public var start: Int { Int(storedStart) }

    public init(request: RequestID, start: Int, tokens: TokenRun, blocks: [BlockID], draws: DrawPoints) {
        precondition(draws.fit(rows: tokens.count), "a draw at a row beyond the \(tokens.count) of its slice")
        self.request = request
        self.tokens = tokens
        self.blocks = blocks
        self.draws = draws
        storedStart = Int32(start)
    }

    /// A slice that draws at its last row, or not at all.
    public init(request: RequestID, start: Int, tokens: [TokenID], blocks: [BlockID], sampling: SamplingTask?) {
        self.init(
            request: request, start: start, tokens: TokenRun(tokens), blocks: blocks,
            draws: sampling.map { .one($0, row: tokens.count - 1) } ?? .none)
    }
}
