import Scheduling

/// A contiguous part of a model: what one pipeline stage holds.
public struct LayerRange: Sendable, Hashable {
    public let layers: Range<Int>
    /// Whether the stage turns tokens into the residual stream (the first one does).
    public let hasEmbedding: Bool
    /// Whether the stage turns the residual stream into drawn tokens (the last one does).
    public let hasHead: Bool

    public init(layers: Range<Int>, hasEmbedding: Bool, hasHead: Bool) {
        self.layers = layers
        self.hasEmbedding = hasEmbedding
        self.hasHead = hasHead
    }
}

/// What a stage gives back for a micro-batch.
public enum StageOutput: Sendable {
    /// The residual stream for the next stage, one row a token.
    case activations(Activations)
    /// For each slice of the micro-batch the tokens drawn, none where the slice asked for none.
    case tokens([[SampledToken]])
}

/// Something that computes a layer range: a stage's half of the device boundary. CPU, CUDA and Metal stages look alike
/// from here. One worker thread calls it, micro-batch after micro-batch in the order of their ids.
public protocol StageExecutor: AnyObject, Sendable {
    var range: LayerRange { get }
    /// Runs a micro-batch through the layers. `input`: nil for the first stage, else what the stage before gave.
    func execute(_ batch: MicroBatch, input: Activations?) throws -> StageOutput
}

/// A kind of device that holds stages: loads layer ranges of one model and measures what they cost.
public protocol StageDevice: Sendable {
    var model: ModelConfiguration { get }
    /// Bytes of one KV block over all layers of the model.
    var bytesPerKVBlock: Int { get }
    /// Bytes of weights loaded so far, shared ones counted once.
    var weightBytes: Int { get }
    /// Measures a typical step, to balance the stages.
    func measureCosts() throws -> StageCosts
    /// Loads the weights of a range and reserves its share of the KV cache.
    /// - Parameters:
    ///   - blocks: KV blocks of the pool.
    ///   - threads: the stage's thread team, the worker included.
    ///   - cores: cores to pin the team to, or nil.
    func load(_ range: LayerRange, blocks: Int, threads: Int, cores: [Int]?) throws -> any StageExecutor
}

/// Measured seconds of parts of a model for the same number of tokens.
public struct StageCosts: Sendable, Hashable {
    public let embedding: Double
    /// One decoder layer; all are alike.
    public let layer: Double
    public let head: Double

    public init(embedding: Double, layer: Double, head: Double) {
        self.embedding = embedding
        self.layer = layer
        self.head = head
    }
}
