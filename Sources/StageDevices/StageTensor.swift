/// Activations of one micro-batch on their way from one stage to the next: opaque to all but the device that made them.
///
/// Where the values lie (host memory, a card's memory, a buffer that is still being filled) and in which format is the
/// device's business. One stage at a time uses a tensor: the link that carries the tensor orders the stages' accesses.
/// Releasing the last reference frees the memory.
package protocol StageTensor: Sendable {
    /// The number of rows: one row per token of the micro-batch, slice after slice.
    var rowCount: Int { get }
}
