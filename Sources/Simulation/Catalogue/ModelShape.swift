/// The sizes of a decoder-only transformer, which determine its times and its memory.
///
/// Norms, biases and positional tables are left out; they are less than a thousandth of a model.
public struct ModelShape: Sendable, Hashable {
    public let name: String
    public let layers: Int
    /// Width of a row between layers.
    public let hidden: Int
    /// Width inside the feed-forward block.
    public let feedForward: Int
    /// Whether the feed-forward block has a gate (three matrices) or not (two).
    public let isGated: Bool
    /// Query heads.
    public let heads: Int
    /// Key and value heads; divides `heads`.
    public let cacheHeads: Int
    /// Width of one head.
    public let headSize: Int
    public let vocabulary: Int
    /// Whether embedding and output head are one matrix.
    public let tiesEmbedding: Bool
    /// The most tokens that a sequence may have.
    public let contextLength: Int
    /// Where the numbers come from.
    public let source: String

    /// Makes a shape from the numbers of a `config.json`, of GGUF metadata, or of anything else.
    ///
    /// - Parameters:
    ///   - headSize: nil: `hidden / heads`, which must then be whole.
    /// - Throws: `invalid_setting` for a number outside its limits; the message names the number and the limits.
    public init(
        name: String, layers: Int, hidden: Int, feedForward: Int, isGated: Bool = true, heads: Int, cacheHeads: Int,
        headSize: Int? = nil, vocabulary: Int, tiesEmbedding: Bool = false, contextLength: Int, source: String = ""
    ) throws(SimulationError) {
        func check(_ value: Int, _ what: String, _ limit: Int) throws(SimulationError) {
            guard 1...limit ~= value else {
                throw SimulationError(.invalidSetting, "\(name) has \(value) \(what); 1...\(limit) are possible")
            }
        }
        try check(layers, "layers", 4096)
        try check(hidden, "hidden columns", 1 << 20)
        try check(feedForward, "feed-forward columns", 1 << 22)
        try check(heads, "heads", 1 << 14)
        try check(cacheHeads, "key and value heads", 1 << 14)
        try check(vocabulary, "tokens in its vocabulary", 1 << 24)
        try check(contextLength, "tokens of context", 1 << 30)
        guard heads % cacheHeads == 0 else {
            throw SimulationError(
                .invalidSetting,
                "\(name) has \(heads) heads and \(cacheHeads) key and value heads; these must divide "
                    + "the heads")
        }
        guard headSize != nil || hidden % heads == 0 else {
            throw SimulationError(
                .invalidSetting,
                "\(name) has \(hidden) hidden columns and \(heads) heads, which do not divide them; "
                    + "the size of a head is needed")
        }
        let headSize = headSize ?? hidden / heads
        try check(headSize, "columns a head", 1 << 14)
        self.name = name
        self.layers = layers
        self.hidden = hidden
        self.feedForward = feedForward
        self.isGated = isGated
        self.heads = heads
        self.cacheHeads = cacheHeads
        self.headSize = headSize
        self.vocabulary = vocabulary
        self.tiesEmbedding = tiesEmbedding
        self.contextLength = contextLength
        self.source = source
    }

    /// Weights of one layer.
    public var layerParameters: Int {
        let attention = hidden * headSize * (2 * heads + 2 * cacheHeads)
        return attention + hidden * feedForward * (isGated ? 3 : 2)
    }

    /// Weights of the output head; the embedding has the same number.
    public var headParameters: Int { vocabulary * hidden }

    /// Weights of the model.
    public var parameters: Int { layers * layerParameters + headParameters * (tiesEmbedding ? 1 : 2) }
}
