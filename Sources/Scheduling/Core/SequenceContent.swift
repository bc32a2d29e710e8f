/// What a request holds in addition to its account: tokens, block table, and how its tokens are drawn.
struct SequenceContent: Sendable {
    /// The newest tokens of the answer, in the first `tailCount` lanes, so that only every fourth decode step touches
    /// the sequence's own array. With thousands of sequences such accesses are most of the cost of a step.
    private var tail = SIMD4<TokenID>(repeating: 0)
    /// Prompt and answer so far, without the tokens of `tail`.
    private var settled: [TokenID]
    var table = KVBlocks.Table()
    /// How the tokens of the answer are drawn, without the history; nil for greedy.
    private let parameters: SamplingTask.Shared?
    private let stopTokens: [TokenID]
    @Compact private var minTokens: Int
    private var tailCount: UInt8 = 0
    /// Whether a draw depends on the tokens so far.
    private let needsHistory: Bool

    /// The content of a slot without a request.
    static let none = SequenceContent(RequestSpec(id: RequestID(-1), prompt: [], maxNewTokens: nil))

    init(_ spec: RequestSpec) {
        settled = spec.prompt
        parameters = spec.sampling == .greedy ? nil : SamplingTask.Shared(spec.sampling)
        needsHistory = spec.sampling.needsHistory
        stopTokens = spec.stopTokens
        minTokens = min(spec.sampling.minTokens, Int(Int32.max))
    }

    /// Prompt and answer so far.
    var tokens: [TokenID] { tailCount == 0 ? settled : settled + (0..<Int(tailCount)).map { tail[$0] } }

    /// How the next token is drawn; nil for greedy.
    var sampling: SamplingTask.Shared? {
        guard needsHistory, let parameters else { return parameters }
        return SamplingTask.Shared(parameters.parameters, history: tokens)
    }

    /// Appends a drawn token, the `generated`-th of the answer. Returns whether a stop token ends the answer.
    mutating func append(_ token: TokenID, generated: Int) -> Bool {
        tail[Int(tailCount)] = token
        tailCount += 1
        if needsHistory || tailCount == tail.scalarCount { settle() }
        return !stopTokens.isEmpty && generated >= minTokens && stopTokens.contains(token)
    }

    /// Moves the newest tokens from `tail` to `settled`, so that reading all tokens needs no copy.
    mutating func settle() {
        for index in 0..<Int(tailCount) { settled.append(tail[index]) }
        tailCount = 0
    }
}
