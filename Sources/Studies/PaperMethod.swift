/// The methods that TD-Pipe's evaluation compares (arXiv 2506.10470, section 4).
package enum PaperMethod: String, Sendable, Hashable, CaseIterable {
    /// Tensor parallelism with separate batching.
    case tensorSeparate = "TP+SB"
    /// Tensor parallelism with hybrid batching.
    case tensorHybrid = "TP+HB"
    /// Pipeline parallelism with separate batching.
    case pipelineSeparate = "PP+SB"
    /// Pipeline parallelism with hybrid batching.
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

    /// The most prompt tokens of a micro-batch: the defaults of vLLM at the paper's time, 2,048 for whole prompts and
    /// 512 for chunked ones. TD-Pipe finds its own unit within the same bound as separate batching.
    var prefillChunk: Int { policy == "hybrid" ? 512 : 2048 }

    /// The paper's highest speed-up of TD-Pipe over this method; nil for TD-Pipe.
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
