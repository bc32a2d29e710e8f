import CKernels
import Scheduling

/// A part of a model: what one pipeline stage holds.
public struct LayerRange: Sendable, Hashable {
    /// Neighbouring layers.
    public let layers: Range<Int>
    /// Tokens whose logits the stage computes before those of others: its share of the output head. Cut at multiples of
    /// `vocabularyUnit`; may be empty.
    public let vocabulary: Range<Int>
    /// Tokens whose logits the stage can compute: its share, or more where it holds more of the head's weights. Cut
    /// likewise.
    public let reach: Range<Int>
    /// Whether the stage turns tokens into the residual stream (the first one does).
    public let hasEmbedding: Bool
    /// Whether the stage turns the residual stream into rows to draw tokens from (the last one does).
    public let hasFinalNorm: Bool

    /// Tokens that kernels compute together: shares of the vocabulary are cut between them.
    public static let vocabularyUnit = Int(TW_PANEL)

    /// - Parameter reach: nil: the share alone. It holds the share.
    public init(
        layers: Range<Int>, vocabulary: Range<Int>, reach: Range<Int>? = nil, hasEmbedding: Bool, hasFinalNorm: Bool
    ) {
        self.layers = layers
        self.vocabulary = vocabulary
        self.reach = reach ?? vocabulary
        precondition(vocabulary.isEmpty || self.reach.clamped(to: vocabulary) == vocabulary)
        self.hasEmbedding = hasEmbedding
        self.hasFinalNorm = hasFinalNorm
    }

    /// All of a model with so many layers and tokens.
    public static func whole(layers: Int, vocabulary: Int) -> LayerRange {
        LayerRange(layers: 0..<layers, vocabulary: 0..<vocabulary, hasEmbedding: true, hasFinalNorm: true)
    }
}

/// What a stage's layers make of a micro-batch.
public enum StageOutput: Sendable {
    /// The residual stream for the next stage, one row a token.
    case activations(Activations)
    /// From the last stage: the rows that draw a token, for the shares of the output head. Empty if none does.
    case draws([DrawGroup])
}

/// Something that computes a part of a model: a stage's half of the device boundary. CPU, CUDA and Metal stages look
/// alike from here. One worker thread calls it: micro-batch after micro-batch in the order of their ids, and shares of
/// the output head in between.
public protocol StageExecutor: AnyObject, Sendable {
    var range: LayerRange { get }
    /// Runs a micro-batch through the layers. `input`: nil for the first stage, else what the stage before gave.
    func execute(_ batch: MicroBatch, input: Activations?) throws -> StageOutput
    /// Computes the logits of a group's rows for some tokens after the other, as long as `next` gives any, and leaves
    /// them with the group. `next` gives neighbouring tokens within `range.reach`, cut at multiples of
    /// `LayerRange.vocabularyUnit`; it may give none at all.
    func project(_ group: DrawGroup, next: () -> Range<Int>?) throws
    /// Draws one token for each row of a group whose logits are all there, and gives their memory back.
    func draw(_ group: DrawGroup) throws -> [SampledToken]
}

/// A kind of device that holds stages: loads parts of one model and measures what they cost.
public protocol StageDevice: Sendable {
    var model: ModelConfiguration { get }
    /// Tokens of one KV block.
    var tokensPerKVBlock: Int { get }
    /// Bytes of one KV block over all layers of the model.
    var bytesPerKVBlock: Int { get }
    /// Bytes of weights loaded so far, shared ones counted once.
    var weightBytes: Int { get }
    /// Measures a decode step, to balance the stages.
    func measureCosts() throws -> StageCosts
    /// Loads the weights of a range and reserves its share of the KV cache.
    /// - Parameters:
    ///   - blocks: KV blocks of the pool.
    ///   - threads: the stage's thread team, the worker included.
    ///   - cores: cores to pin the team to, or nil.
    func load(_ range: LayerRange, blocks: Int, threads: Int, cores: [Int]?) throws -> any StageExecutor
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
