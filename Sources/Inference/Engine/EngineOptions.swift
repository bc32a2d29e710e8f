import CPUDevice
import Scheduling

/// How a model is laid out over pipeline stages. Only `precision` and `kvType` can change the tokens of an answer.
public struct EngineOptions: Sendable, Hashable {
    public var stages = 1
    /// Threads of each stage.
    public var threads = 1
    /// Bytes for keys and values over all stages.
    public var kvMemory = 1 << 30
    public var prefillChunk = 512
    public var maxSequences = 256
    public var precision = Precision.int8
    public var kvType = KVType.f16

    public init() {}
}
