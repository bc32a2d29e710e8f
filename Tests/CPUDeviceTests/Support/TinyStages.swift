import CPUDevice
import Scheduling
import StageDevices
import TinyModels

/// A model cut into stages that are called one after the other, without a runtime.
struct TinyStages {
    let sizes: ModelSizes
    let stages: [any SharingExecutor]

    /// - Parameters:
    ///   - cuts: the first layer of each stage after the first.
    ///   - tokenCuts: the first token of each stage's share of the vocabulary after the first; nil shares evenly.
    init(
        _ builder: GGUFBuilder, cuts: [Int] = [], tokenCuts: [Int]? = nil, precision: Precision = .int8,
        portable: Bool = false, threads: Int = 1, blocks: Int = 64
    ) throws {
        let device = try CPUDevice(
            builder.checkpoint(), precision: precision, portableKernels: portable, threads: threads, pinsThreads: false)
        try self.init(on: device, cuts: cuts, tokenCuts: tokenCuts, blocks: blocks)
    }

    /// Stages of a device that may have more pipelines.
    init(on device: CPUDevice, cuts: [Int] = [], tokenCuts: [Int]? = nil, blocks: Int = 64) throws {
        let sizes = device.sizes
        self.sizes = sizes
        let edges = [0] + cuts + [sizes.layers]
        let unit = device.vocabularyUnit
        let even = (1..<edges.count).map { sizes.vocabulary * $0 / (edges.count - 1) / unit * unit }
        let tokens = [0] + (tokenCuts ?? even.dropLast()) + [sizes.vocabulary]
        let ranges = (0..<edges.count - 1).map { index in
            LayerRange(
                layers: edges[index]..<edges[index + 1], vocabulary: tokens[index]..<tokens[index + 1],
                layerReach: edges[max(index - 1, 0)]..<edges[min(index + 2, edges.count - 1)], hasEmbedding: index == 0,
                hasFinalNorm: index == edges.count - 2)
        }
        stages = try device.loadSharing(ranges, blocks: blocks)
    }

    /// What was drawn for each slice.
    /// - Parameter beyond: layers that each stage but the last computes after its own, or leaves to the next if negative.
    func execute(_ slices: [SequenceSlice], id: Int = 0, beyond: Int = 0) throws -> [[SampledToken]] {
        let batch = MicroBatch(id: MicroBatchID(id), phase: .mixed, slices: slices)
        var input: (any StageTensor)?
        for stage in stages {
            let end = stage.range.hasFinalNorm ? sizes.layers : max(1, stage.range.layers.upperBound + beyond)
            let output = try stage.execute(batch, input: input) { $0 < end }
            switch output {
            case .activations(let tensor): input = tensor
            case .groups(let groups): return try SharedHead(stages: stages).draw(groups, for: batch)
            }
        }
        preconditionFailure("the last stage drew no tokens")
    }
}

/// A sequence under way in tests that schedule by hand.
struct TinySequence {
    let request: Int
    let prompt: [TokenID]
    let blocks: [BlockID]
    var parameters = SamplingParameters.greedy
    private(set) var tokens: [TokenID]
    private(set) var computed = 0

    init(request: Int, prompt: [TokenID], blocks: [BlockID], parameters: SamplingParameters = .greedy) {
        self.request = request
        self.prompt = prompt
        self.blocks = blocks
        self.parameters = parameters
        tokens = prompt
    }

    var answer: [TokenID] { Array(tokens.dropFirst(prompt.count)) }
    var isDecoding: Bool { computed == tokens.count - 1 && tokens.count > prompt.count }

    /// The next tokens, at most `limit`.
    mutating func slice(limit: Int = .max) -> SequenceSlice {
        let end = min(tokens.count, limit == .max ? tokens.count : computed + limit)
        let task = SamplingTask(
            parameters: parameters, generated: tokens.count - prompt.count,
            history: parameters.needsHistory ? tokens : [])
        defer { computed = end }
        return SequenceSlice(
            request: RequestID(request), start: computed, tokens: Array(tokens[computed..<end]),
            blocks: Array(blocks.prefix((end + 15) / 16)), sampling: end == tokens.count ? task : nil)
    }

    mutating func accept(_ drawn: [SampledToken]) { tokens += drawn.map(\.token) }
}
