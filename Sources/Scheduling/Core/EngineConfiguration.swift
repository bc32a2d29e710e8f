/// The limits within which the core schedules.
public struct EngineConfiguration: Sendable, Hashable {
    /// Pipeline depth P; also the most micro-batches that hold decode tokens in flight.
    public var stages: Int
    /// Tokens in a KV block.
    public var tokensPerBlock: Int
    /// KV blocks of the pool (the minimum over the stages).
    public var blockCount: Int
    /// Tokens that the model can attend to, prompt and answer together; at most `Int32.max`.
    public let contextLength: Int
    /// The most prompt tokens in one micro-batch, and the token budget of hybrid batches.
    public var prefillChunk: Int
    /// The most sequences that hold KV blocks at a time.
    public var maxSequences: Int
    /// The most prefill-only micro-batches in flight, at least `stages`; a policy may issue them ahead of the stages.
    public var prefillWindow: Int

    public init(
        stages: Int, tokensPerBlock: Int, blockCount: Int, contextLength: Int, prefillChunk: Int = 512,
        maxSequences: Int = 256, prefillWindow: Int? = nil
    ) {
        precondition(stages > 0 && tokensPerBlock > 0 && blockCount > 0 && contextLength > 0)
        precondition(blockCount <= Int(BlockID.max), "blocks are numbered by BlockID")
        precondition(prefillChunk > 0 && maxSequences > 0)
        self.stages = stages
        self.tokensPerBlock = tokensPerBlock
        self.blockCount = blockCount
        // The core counts a sequence's tokens in 32 bits.
        self.contextLength = min(contextLength, Int(Int32.max))
        self.prefillChunk = prefillChunk
        self.maxSequences = maxSequences
        self.prefillWindow = prefillWindow ?? 4 * stages
        precondition(self.prefillWindow >= stages, "a prefill window below the depth of the pipeline starves it")
    }

    /// Tokens that the pool holds.
    public var poolTokens: Int { blockCount * tokensPerBlock }

    /// Blocks that hold `tokens` tokens.
    public func blocks(forTokens tokens: Int) -> Int { (tokens + tokensPerBlock - 1) / tokensPerBlock }
}
