/// Activations of one micro-batch on their way from a stage to the next: opaque to all but the device that made them.
///
/// Where the values lie (host memory, a card's memory, a buffer that is still being filled) and in which format is the
/// device's business. One stage at a time uses a tensor: the link that carries it orders their accesses. The last reference
/// gives the memory back.
package protocol StageTensor: Sendable {
    /// Rows: tokens of the micro-batch, slice after slice.
    var rowCount: Int { get }
}
