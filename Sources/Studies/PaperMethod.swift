/// The methods that TD-Pipe's evaluation compares (arXiv 2506.10470, section 4).
package enum PaperMethod: String, Sendable, Hashable, CaseIterable {
    /// Tensor parallelism with separate batching and with hybrid batching.
    case tensorSeparate = "TP+SB"
    case tensorHybrid = "TP+HB"
    /// Pipeline parallelism with both.
    case pipelineSeparate = "PP+SB"
    case pipelineHybrid = "PP+HB"
    case tdPipe = "TD-Pipe"

    /// The name of the policy.
    package var policy: String {
        switch self {
        case .tensorSeparate, .pipelineSeparate: "separate"
        case .tensorHybrid, .pipelineHybrid: "hybrid"
        case .tdPipe: "td-pipe"
        }
    }

    package var isTensorParallel: Bool { self == .tensorSeparate || self == .tensorHybrid }

    /// Tokens of a micro-batch: what vLLM of the paper's time took by default, 2,048 for prompts alone and 512 where
    /// they are chunked. TD-Pipe finds its own unit within the same bound as separate batching.
    var prefillChunk: Int { policy == "hybrid" ? 512 : 2048 }

    /// How many times faster than this method the paper has TD-Pipe at best; nil for TD-Pipe.
    package var publishedBest: Double? {
        switch self {
        case .tensorSeparate: 1.91
        case .tensorHybrid: 1.90
        case .pipelineSeparate: 2.73
        case .pipelineHybrid: 2.21
        case .tdPipe: nil
        }
    }
}
