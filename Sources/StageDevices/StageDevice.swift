/// A kind of device that holds stages: loads parts of one model and measures what they cost. CPU, CUDA and Metal
/// devices all conform to this protocol.
///
/// What the protocol hides (threads and cores, cards, streams, formats of weights and cache) is set where the device is
/// made.
package protocol StageDevice: Sendable {
    /// Names the kernels, for reports and profiles: two devices of the same name take the same time for the same work.
    var kernelName: String { get }
    /// The sizes of the model that the device computes.
    var sizes: ModelSizes { get }
    /// Tokens of one KV block.
    var tokensPerKVBlock: Int { get }
    /// Bytes of one KV block over all layers of the model.
    var bytesPerKVBlock: Int { get }
    /// Bytes of weights loaded so far, shared ones counted once.
    var weightBytes: Int { get }
    /// Measures a decode step, to balance the stages.
    func measureCosts() throws -> StageCosts
    /// Loads stages of one pipeline: their weights, and their layers' share of the KV cache. Weights that several
    /// pipelines load are held once.
    /// - Parameter blocks: KV blocks of the pool.
    /// - Returns: a stage for each range, in order.
    func load(_ ranges: [LayerRange], blocks: Int) throws -> [any StageExecutor]
}
