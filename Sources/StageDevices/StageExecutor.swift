import Scheduling

/// What a stage makes of a micro-batch.
package enum StageOutput: Sendable {
    /// For the next stage.
    case activations(any StageTensor)
    /// From the last stage: for each slice of the micro-batch the tokens drawn, one for each of its draws, by row.
    case tokens([[SampledToken]])
}

/// Something that computes a part of a model: a stage's half of the device boundary.
///
/// One worker thread makes all calls, one after the other: `prepareThread` first, then `execute`, micro-batch after
/// micro-batch in the order of their ids. An error ends the run. docs/DEVICES.md tells what else a device has to provide.
package protocol StageExecutor: AnyObject, Sendable {
    var range: LayerRange { get }
    /// Called once on the worker's thread before anything else: pins the thread to a core, or makes a device's context the
    /// thread's own. Does nothing by default.
    func prepareThread() throws
    /// Runs a micro-batch through the stage's layers. The last stage draws a token at each row that a slice
    /// wants one from.
    ///
    /// The KV cache outlives the call: keys and values of a slice's tokens are kept in the slice's blocks, where later
    /// micro-batches find them.
    /// - Parameter input: nil for the first stage, else what the stage before gave for this micro-batch. The executor may
    ///   change it and give it on.
    func execute(_ batch: MicroBatch, input: (any StageTensor)?) throws -> StageOutput
}

extension StageExecutor {
    package func prepareThread() {}
}
