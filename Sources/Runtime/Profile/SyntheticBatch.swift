import Scheduling

/// Makes micro-batches of given sizes without requests: the token ids are in the vocabulary, the blocks in the pool,
/// and the KV cache keeps its previous contents.
struct SyntheticBatch {
    let vocabulary: Int
    let configuration: EngineConfiguration

    /// - Parameter first: the first of the consecutive blocks that the sequences hold.
    func make(_ point: ProfilePoint, id: MicroBatchID, from first: Int) -> MicroBatch {
        switch point {
        case .prefill(let tokens):
            let blocks = (0..<configuration.blocks(forTokens: tokens)).map { BlockID(first + $0) }
            let prompt = (0..<tokens).map(token)
            return MicroBatch(
                id: id, phase: .prefill,
                slices: [
                    SequenceSlice(
                        request: RequestID(0), start: 0, tokens: prompt, blocks: blocks, sampling: Self.task(0))
                ])
        case .decode(let sequences, let context):
            let each = configuration.blocks(forTokens: context)
            let slices = (0..<sequences).map { index in
                SequenceSlice(
                    request: RequestID(index), start: context - 1, tokens: [token(index)],
                    blocks: (index * each..<(index + 1) * each).map { BlockID(first + $0) }, sampling: Self.task(1))
            }
            return MicroBatch(id: id, phase: .decode, slices: slices)
        }
    }

    /// Writes one token into each of these blocks. Memory that was never written has no pages of its own, and reading
    /// such memory is faster than reading a KV cache in use.
    func touch(_ blocks: Range<Int>, id: MicroBatchID) -> MicroBatch {
        MicroBatch(
            id: id, phase: .prefill,
            slices: blocks.map { block in
                SequenceSlice(
                    request: RequestID(block), start: 0, tokens: [token(block)], blocks: [BlockID(block)],
                    sampling: nil)
            })
    }

    /// A token id; consecutive indices give ids far apart, as in text.
    private func token(_ index: Int) -> TokenID { TokenID((index * 7919 + 13) % vocabulary) }

    private static func task(_ generated: Int) -> SamplingTask {
        SamplingTask(parameters: .greedy, generated: generated, history: [])
    }
}
