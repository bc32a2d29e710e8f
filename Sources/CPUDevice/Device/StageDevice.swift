import CKernels
import Scheduling

/// A part of a model: what one pipeline stage holds.
public struct LayerRange: Sendable, Hashable {
    /// Neighbouring layers.
    public let layers: Range<Int>
    /// Layers that the stage can compute: its own, and those around them where it holds their weights and reaches their
    /// share of the KV cache.
    public let layerReach: Range<Int>
    /// Tokens whose logits the stage computes before those of others: its share of the output head. Cut at multiples of
    /// `vocabularyUnit`; may be empty.
    public let vocabulary: Range<Int>
    /// Tokens whose logits the stage can compute: its share, or more where it holds more of the head's weights. Cut
    /// likewise.
    public let vocabularyReach: Range<Int>
    /// Whether the stage turns tokens into the residual stream (the first one does).
    public let hasEmbedding: Bool
    /// Whether the stage turns the residual stream into rows to draw tokens from (the last one does).
    public let hasFinalNorm: Bool

    /// Tokens that kernels compute together: shares of the vocabulary are cut between them.
    public static let vocabularyUnit = Int(TW_PANEL)

    /// - Parameters:
    ///   - layerReach: holds the stage's layers; nil: those alone.
    ///   - vocabularyReach: holds the share; nil: the share alone.
    public init(
        layers: Range<Int>, vocabulary: Range<Int>, layerReach: Range<Int>? = nil, vocabularyReach: Range<Int>? = nil,
        hasEmbedding: Bool, hasFinalNorm: Bool
    ) {
        self.layers = layers
        self.layerReach = layerReach ?? layers
        self.vocabulary = vocabulary
        self.vocabularyReach = vocabularyReach ?? vocabulary
        precondition(
            self.layerReach.lowerBound <= layers.lowerBound && layers.upperBound <= self.layerReach.upperBound)
        precondition(vocabulary.isEmpty || self.vocabularyReach.clamped(to: vocabulary) == vocabulary)
        self.hasEmbedding = hasEmbedding
        self.hasFinalNorm = hasFinalNorm
    }

    /// All of a model with so many layers and tokens.
    public static func whole(layers: Int, vocabulary: Int) -> LayerRange {
        LayerRange(layers: 0..<layers, vocabulary: 0..<vocabulary, hasEmbedding: true, hasFinalNorm: true)
    }
}

/// A micro-batch on its way through the layers.
public struct ResidualStream: Sendable {
    /// [tokens of the micro-batch, hidden].
    public let rows: Activations
    /// The layer that comes next.
    public let nextLayer: Int

    public init(_ rows: Activations, nextLayer: Int) {
        self.rows = rows
        self.nextLayer = nextLayer
    }
}

/// What a stage's layers make of a micro-batch.
public enum StageOutput: Sendable {
    /// For the next stage.
    case stream(ResidualStream)
    /// From the last stage: the rows that draw a token, for the shares of the output head. Empty if none does.
    case draws([DrawGroup])
}

/// Something that computes a part of a model: a stage's half of the device boundary. CPU, CUDA and Metal stages look
/// alike from here. One worker thread calls it: micro-batch after micro-batch in the order of their ids, and shares of
/// the output head in between.
public protocol StageExecutor: AnyObject, Sendable {
    var range: LayerRange { get }
    /// Runs a micro-batch through layers within `range.layerReach`, from its next one on, as long as `continues` says so
    /// before each.
    /// - Parameters:
    ///   - input: nil for the first stage, else what the stage before gave: its next layer may be any of that stage or of
    ///     this one, or the one after.
    ///   - continues: whether to compute this layer.
    func execute(_ batch: MicroBatch, input: ResidualStream?, continues: (_ layer: Int) -> Bool) throws -> StageOutput
    /// Computes the logits of a group's rows for some tokens after the other, as long as `next` gives any, and leaves
    /// them with the group. `next` gives neighbouring tokens within `range.vocabularyReach`, cut at multiples of
    /// `LayerRange.vocabularyUnit`; it may give none at all.
    func project(_ group: DrawGroup, next: () -> Range<Int>?) throws
    /// Draws one token for each row of a group whose logits are all there, and gives their memory back.
    func draw(_ group: DrawGroup) throws -> [SampledToken]
}

/// A kind of device that holds stages: loads parts of one model and measures what they cost.
public protocol StageDevice: Sendable {
    /// The model that it computes.
    var sizes: ModelSizes { get }
    /// Tokens of one KV block.
    var tokensPerKVBlock: Int { get }
    /// Bytes of one KV block over all layers of the model.
    var bytesPerKVBlock: Int { get }
    /// Bytes of weights loaded so far, shared ones counted once.
    var weightBytes: Int { get }
    /// Measures a decode step, to balance the stages.
    func measureCosts() throws -> StageCosts
    /// Loads stages of one pipeline: their weights, and their layers' share of the KV cache. What several of them reach
    /// they have in common.
    /// - Parameters:
    ///   - blocks: KV blocks of the pool.
    ///   - threads: of a stage's thread team, the worker included.
    ///   - cores: for each stage the cores to pin its team to, or nil.
    /// - Returns: a stage for each range, in order.
    func load(_ ranges: [LayerRange], blocks: Int, threads: Int, cores: [[Int]]?) throws -> [any StageExecutor]
}

/// Measured seconds of parts of a model, for the same number of rows that each draw a token.
public struct StageCosts: Sendable, Hashable {
    /// One decoder layer; all are alike.
    public let layer: Double
    /// The whole output head.
    public let head: Double

    public init(layer: Double, head: Double) {
        self.layer = layer
        self.head = head
    }
}
