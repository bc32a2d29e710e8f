/// The methods of TD-Pipe's evaluation (arXiv 2506.10470, section 4), and what they are compared with here besides: the
/// virtual engines of the engine that the paper measured against, its limit of sequences, and token throttling.
package enum PaperMethod: String, Sendable, Hashable, CaseIterable {
    /// Tensor parallelism with separate batching.
    case tensorSeparate = "TP+SB"
    /// Tensor parallelism with hybrid batching.
    case tensorHybrid = "TP+HB"
    /// As `tensorSeparate`, with no more sequences than vLLM took by default.
    case tensorSeparateLimited = "TP+SB 256"
    /// As `tensorHybrid`, with no more sequences than vLLM took by default.
    case tensorHybridLimited = "TP+HB 256"
    /// Pipeline parallelism with separate batching, by one scheduler for all stages.
    case pipelineSeparate = "PP+SB"
    /// Pipeline parallelism with hybrid batching, by one scheduler for all stages.
    case pipelineHybrid = "PP+HB"
    /// Pipeline parallelism with separate batching, by a scheduler for each stage.
    case virtualSeparate = "VE+SB"
    /// Pipeline parallelism with hybrid batching, by a scheduler for each stage.
    case virtualHybrid = "VE+HB"
    /// gLLM's token throttling (arXiv 2504.14775), on a pipeline.
    case throttle = "throttle"
    case tdPipe = "TD-Pipe"

    /// The name of the policy.
    package var policy: String {
        switch self {
        case .tensorSeparate, .tensorSeparateLimited, .pipelineSeparate: "separate"
        case .tensorHybrid, .tensorHybridLimited, .pipelineHybrid: "hybrid"
        case .virtualSeparate: "virtual-separate"
        case .virtualHybrid: "virtual-hybrid"
        case .throttle: "throttle"
        case .tdPipe: "td-pipe"
        }
    }

    package var isTensorParallel: Bool {
        [.tensorSeparate, .tensorHybrid, .tensorSeparateLimited, .tensorHybridLimited].contains(self)
    }

    /// The most sequences at a time; nil: memory alone is the limit.
    package var maxSequences: Int? {
        [.tensorSeparateLimited, .tensorHybridLimited].contains(self) ? 256 : nil
    }

    /// The methods that the paper compares TD-Pipe with.
    package static let published: [PaperMethod] = [.tensorSeparate, .tensorHybrid, .pipelineSeparate, .pipelineHybrid]

    /// The paper's highest speed-up of TD-Pipe over this method; nil for a method that the paper does not have. Its
    /// figures for single cells are not known here.
    package var publishedBest: Double? {
        switch self {
        case .tensorSeparate: 1.91
        case .tensorHybrid: 1.90
        case .pipelineSeparate: 2.73
        case .pipelineHybrid: 2.21
        default: nil
        }
    }

    /// For a method of the paper, the one here that is nearest to what the paper measured: vLLM of that time, with a
    /// scheduler for each stage of a pipeline, and at most 256 sequences.
    package var counterpart: PaperMethod? {
        switch self {
        case .tensorSeparate: .tensorSeparateLimited
        case .tensorHybrid: .tensorHybridLimited
        case .pipelineSeparate: .virtualSeparate
        case .pipelineHybrid: .virtualHybrid
        default: nil
        }
    }
}
