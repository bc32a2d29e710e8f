import Scheduling

/// The result of a stage for a micro-batch.
package enum StageOutput: Sendable {
    /// Activations for the next stage.
    case activations(any StageTensor)
    /// The tokens that the last stage drew: a list for each slice of the micro-batch, with one token for each of its
    /// draws, in the order of rows.
    case tokens([[SampledToken]])
}

/// Computes a stage's part of a model: the side of the device boundary that belongs to a stage.
///
/// One worker thread makes all calls, one after the other: `prepareThread` first, then `execute` for each micro-batch
/// in the order of ids. An error ends the run. docs/DEVICES.md tells what else a device has to provide.
package protocol StageExecutor: AnyObject, Sendable {
    var range: LayerRange { get }
    /// Called once on the worker's thread before all other calls: pins the thread to a core, or makes a device's
    /// context current on the thread. The default does nothing.
    func prepareThread() throws
    /// Runs a micro-batch through the stage's layers. The last stage draws a token at each row that a slice marks for a
    /// draw.
    ///
    /// The KV cache outlives the call: keys and values of a slice's tokens are kept in the slice's blocks, where later
    /// micro-batches find them.
    /// - Parameter input: nil for the first stage, else the output of the stage before for this micro-batch. The
    ///   executor may change the input and pass it on.
    func execute(_ batch: MicroBatch, input: (any StageTensor)?) throws -> StageOutput
}

extension StageExecutor {
    package func prepareThread() {}
}
