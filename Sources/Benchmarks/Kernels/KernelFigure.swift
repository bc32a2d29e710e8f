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
    /// How weights (in the terms of `tw_format`) or keys and values (`KVType`) are stored; nil for other kernels.
    package let format: String?
    /// Activation rows, or query rows of attention; nil for kernels over single rows.
    package let rows: Int?
    /// Tokens attended to; nil except for attention.
    package let context: Int?
    /// Whether the data comes from memory, not from a cache.
    package let isCold: Bool
    /// Operations of one unit of work (a multiplication and the addition after it are two); 0 if not counted.
    let operations: Double
    /// Bytes read and written by one unit of work.
    let bytes: Double
    let timing: KernelTiming
    /// The least seconds that a unit of work can take, and the limit behind them; nil where no ceiling applies.
    let least: Least?

    /// A ceiling, as the least time that it allows.
    struct Least: Sendable, Hashable {
        let seconds: Double
        let limit: Limit
    }

    /// Operations a second, in the median of the samples and in the best one. 0 where they are not counted.
    package var operationsPerSecond: (median: Double, best: Double) { rate(of: operations) }
    /// Bytes a second. For products only the weights are counted: activations are read again from a cache.
    package var bytesPerSecond: (median: Double, best: Double) { rate(of: bytes) }
    /// What limits the kernel here; nil where no ceiling applies.
    package var limit: Limit? { least?.limit }
    /// The median speed as a share of the ceiling that applies.
    package var share: Double? { least.map { $0.seconds / timing.median } }

    private func rate(of count: Double) -> (median: Double, best: Double) {
        (count / timing.median, count / timing.best)
    }
}

/// The ceilings of this processor, on all threads of the benchmark together.
package struct KernelCeilings: Sendable, Hashable {
    /// The set of kernels whose instructions were measured.
    package let kernels: String
    /// 32-bit floating-point operations a second of a loop that stays in registers; nil for kernels whose instructions
    /// are the compiler's choice.
    package let f32: Double?
    /// Operations a second of a register loop that multiplies signed bytes; nil as for `f32`.
    package let int8: Double?
    /// Operations a second of a register loop that multiplies 4-bit numbers by bytes; nil as for `f32`.
    package let int4: Double?
    /// Bytes a second that one thread reads from memory.
    package let memoryOfOne: Double
    /// Bytes a second that all threads of the benchmark together read from memory.
    package let memory: Double

    /// The least seconds for `operations` of a kind, and for `bytes` if they come from memory; nil without a ceiling.
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
