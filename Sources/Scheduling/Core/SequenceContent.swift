/// What a request holds beside its account: tokens, block table, and how its tokens are drawn.
struct SequenceContent: Sendable {
    /// Prompt and answer so far.
    private(set) var tokens: [TokenID]
    private(set) var blocks: [BlockID] = []
    private let sampling: SamplingTask.Shared
    /// Whether a draw looks at the tokens so far.
    private let needsHistory: Bool
    private let stopTokens: [TokenID]
    private let minTokens: Int

    /// Of a slot without a request.
    static let none = SequenceContent(RequestSpec(id: RequestID(-1), prompt: [], maxNewTokens: nil))

    init(_ spec: RequestSpec) {
        tokens = spec.prompt
        sampling = SamplingTask.Shared(spec.sampling)
        needsHistory = spec.sampling.needsHistory
        stopTokens = spec.stopTokens
        minTokens = spec.sampling.minTokens
    }

    /// Takes blocks until it holds `count`.
    mutating func grow(toBlocks count: Int, from pool: inout BlockPool) {
        while blocks.count < count { blocks.append(pool.take()) }
    }

    /// Gives up the block table.
    mutating func takeBlocks() -> [BlockID] {
        defer { blocks = [] }
        return blocks
    }

    /// How to draw the token after the last known one.
    func samplingTask(generated: Int) -> SamplingTask {
        SamplingTask(sampling, generated: generated, history: needsHistory ? tokens : [])
    }

    /// Appends a drawn token, the `generated`-th of the answer. Whether it is a stop token that ends the answer.
    mutating func append(_ token: TokenID, generated: Int) -> Bool {
        tokens.append(token)
        return !stopTokens.isEmpty && generated >= minTokens && stopTokens.contains(token)
    }
}
