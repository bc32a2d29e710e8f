/// What the devices of a parallel plan share.
package enum PlanKind: String, Sendable, Hashable, CaseIterable {
    /// Each device has layers of its own.
    case pipeline
    /// All devices have a part of every matrix.
    case tensor
    /// Groups of devices that share matrices are the stages of a pipeline.
    case mixed
}
