/// How fast one kernel is on one kind of data.
package struct KernelFigure: Sendable, Hashable {
    /// What sets the limit.
    package enum Limit: String, Sendable, Hashable {
        case f32
        case int8
        case int4
        case memory
    }

    /// The set of kernels, such as `avx2`.
    package let kernels: String
    /// Such as `gemm` or `decode attention`.
    package let name: String
    /// How weights are stored, in the words of `tw_format`, or keys and values (`KVType`); nil for other kernels.
    package let format: String?
    /// Activation rows, or query rows of attention; nil for kernels over single rows.
    package let rows: Int?
    /// Tokens attended to; nil but for attention.
    package let context: Int?
    /// Whether the data comes from memory; else from a cache.
    package let isCold: Bool
    /// Of one sample's unit of work: operations (a multiplication and the addition after it are two; 0 where they are
    /// not counted) and bytes read and written.
    let operations: Double
    let bytes: Double
    let timing: KernelTiming
    /// The least seconds that the unit can take, and what limits it; nil where no ceiling applies.
    let least: Least?

    /// A ceiling, as the time that it leaves.
    struct Least: Sendable, Hashable {
        let seconds: Double
        let limit: Limit
    }

    /// Operations a second, in the median of the samples and in the best one. 0 where they are not counted.
    package var operationsPerSecond: (median: Double, best: Double) { rate(of: operations) }
    /// Bytes a second. Of products the weights alone are counted: activations are read again from a cache.
    package var bytesPerSecond: (median: Double, best: Double) { rate(of: bytes) }
    /// What limits the kernel here; nil where no ceiling applies.
    package var limit: Limit? { least?.limit }
    /// The median speed as a share of the ceiling that applies.
    package var share: Double? { least.map { $0.seconds / timing.median } }

    private func rate(of count: Double) -> (median: Double, best: Double) {
        (count / timing.median, count / timing.best)
    }
}

/// What this processor can do at most, on all threads of the benchmark together.
package struct KernelCeilings: Sendable, Hashable {
    /// The set of kernels whose instructions were measured.
    package let kernels: String
    /// Operations a second of loops that stay in registers; nil for kernels whose instructions are the compiler's choice.
    package let f32: Double?
    package let int8: Double?
    package let int4: Double?
    /// Bytes a second that one thread reads from memory, and that all threads of the benchmark read.
    package let memoryOfOne: Double
    package let memory: Double

    /// The least seconds for so many operations of a kind, and so many bytes if they come from memory.
    func least(
        _ operations: Double, _ kind: KernelFigure.Limit, bytes: Double, isCold: Bool
    ) -> KernelFigure.Least? {
        guard let speed = speed(kind) else { return nil }
        let (computing, reading) = (operations / speed, isCold ? bytes / memory : 0)
        return reading > computing
            ? KernelFigure.Least(seconds: reading, limit: .memory)
            : KernelFigure.Least(seconds: computing, limit: kind)
    }

    private func speed(_ kind: KernelFigure.Limit) -> Double? {
        switch kind {
        case .f32: f32
        case .int8: int8
        case .int4: int4
        case .memory: memory
        }
    }
}
