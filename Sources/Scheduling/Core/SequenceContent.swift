/// What a request holds beside its account: tokens, block table, and how its tokens are drawn.
struct SequenceContent: Sendable {
    /// The newest tokens of the answer, in the first `tailCount` lanes: so that a decode step goes to the sequence's own
    /// array once in four steps. With thousands of sequences such accesses are most of what a step costs.
    private var tail = SIMD4<TokenID>(repeating: 0)
    /// Prompt and answer so far, but for the tokens of `tail`.
    private var settled: [TokenID]
    var table = KVBlocks.Table()
    /// How its tokens are drawn, whatever was drawn before; nil for greedy.
    private let parameters: SamplingTask.Shared?
    private let stopTokens: [TokenID]
    @Compact private var minTokens: Int
    private var tailCount: UInt8 = 0
    /// Whether a draw looks at the tokens so far.
    private let needsHistory: Bool

    /// Of a slot without a request.
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

    /// Appends a drawn token, the `generated`-th of the answer. Whether it is a stop token that ends the answer.
    mutating func append(_ token: TokenID, generated: Int) -> Bool {
        tail[Int(tailCount)] = token
        tailCount += 1
        if needsHistory || tailCount == tail.scalarCount { settle() }
        return !stopTokens.isEmpty && generated >= minTokens && stopTokens.contains(token)
    }

    /// Puts the newest tokens beside the others, as is best before many are read.
    mutating func settle() {
        for index in 0..<Int(tailCount) { settled.append(tail[index]) }
        tailCount = 0
    }
}
