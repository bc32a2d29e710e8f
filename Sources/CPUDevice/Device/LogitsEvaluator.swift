import ModelFiles
import ModelPlans
import Platform
import Scheduling
import StageDevices

/// Computes the logits of every position of given token sequences, for comparison with other implementations.
///
/// The evaluator runs the same layers as generation does, in chunks and through a paged cache of the same kind.
package final class LogitsEvaluator {
    private let stage: CPUStage
    private let model: CPUModel
    private let longest: Int

    /// - Parameter longest: the most tokens of a sequence.
    package init(
        _ checkpoint: any Checkpoint, precision: Precision, kvType: KVType = .f16, portableKernels: Bool = false,
        longest: Int,
        threads: Int = 1
    ) throws {
        model = try CPUModel(ModelPlan(checkpoint))
        self.longest = longest
        let team = try ThreadTeam(count: threads, spins: 0)
        let cache = try KVCache(
            model: model, layers: 0..<model.layers, blockCount: Self.blocks(holding: longest), type: kvType)
        stage = try CPUStage(
            range: LayerRange.whole(layers: model.layers, vocabulary: model.vocabulary), model: model,
            store: WeightStore(checkpoint, plan: model.plan, loadThreads: threads),
            kernels: portableKernels ? .portable : .best,
            precision: precision, cache: cache, team: team)
    }

    package var vocabulary: Int { model.vocabulary }

    /// Calls `body` with the logits [vocabulary] of each position of `tokens`, in order.
    /// - Parameter chunk: the number of tokens that go through the layers at a time; at least 1.
    /// - Throws: `DeviceError` for tokens that the model does not have, or more tokens than `longest` or the context
    ///   length.
    package func evaluate(
        _ tokens: [TokenID], chunk: Int = 512, _ body: (UnsafeBufferPointer<Float>) throws -> Void
    ) throws {
        guard tokens.count <= longest else {
            throw DeviceError(
                .badConfiguration, "\(tokens.count) tokens were given; there is memory for \(longest)")
        }
        guard tokens.count <= model.plan.contextLength else {
            throw DeviceError(
                .badConfiguration,
                "a text has \(tokens.count) tokens; the model's context length is \(model.plan.contextLength)")
        }
        for (index, token) in tokens.enumerated() where token < 0 || Int(token) >= model.vocabulary {
            throw DeviceError(
                .badConfiguration, "token \(token) at position \(index) is not in 0..<\(model.vocabulary)")
        }
        let blocks = (0..<Self.blocks(holding: tokens.count)).map { BlockID($0) }
        for start in stride(from: 0, to: tokens.count, by: chunk) {
            let part = Array(tokens[start..<min(start + chunk, tokens.count)])
            let slice = SequenceSlice(
                request: RequestID(0), start: start, tokens: part, blocks: blocks, sampling: nil)
            let batch = MicroBatch(id: MicroBatchID(start / chunk), phase: .prefill, slices: [slice])
            try stage.forEachLogits(batch, body)
        }
    }

    private static func blocks(holding tokens: Int) -> Int {
        (tokens + KVCache.tokensPerBlock - 1) / KVCache.tokensPerBlock
    }
}
