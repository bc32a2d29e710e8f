import CKernels
import Platform

/// How kernels are measured.
package struct KernelBenchOptions: Sendable, Hashable {
    /// Threads that compute at the same time, each with data of its own.
    package var threads = 1
    /// Samples of each figure.
    package var repeats = 9
    /// The least seconds of a sample.
    package var sampleSeconds = 0.004
    /// Bytes of cold data: more than the caches hold, like a model's weights.
    package var coldBytes = 256 << 20
    /// Activation rows of products.
    package var rows = [1, 4, 16, 64, 512]
    /// Tokens that are attended to; multiples of 64.
    package var contexts = [128, 512, 4096]
    /// Tokens of texts for bidirectional attention.
    package var texts = [32, 128, 256]

    package init() {}

    /// All kernels on little data: shows that they run, not how fast they are.
    package static let quick: KernelBenchOptions = {
        var options = KernelBenchOptions()
        (options.repeats, options.sampleSeconds, options.coldBytes) = (2, 0.000_02, 1 << 20)
        (options.rows, options.contexts, options.texts) = ([1, 16], [128], [32])
        return options
    }()
}

/// Measures the kernels that this processor runs, and the ceilings of the processor.
package struct KernelBench {
    private let options: KernelBenchOptions
    private let sets: [NamedKernels]
    private let timer: KernelTimer

    /// The names of the sets of kernels that this processor runs, the fastest last.
    package static var setNames: [String] { NamedKernels.all.map(\.name) }

    /// - Parameter sets: `all`, `best`, or the name of a set.
    /// - Throws: `BenchmarkError` for a set that this processor does not run, `DeviceError` without threads.
    package init(sets: String, options: KernelBenchOptions) throws {
        let all = NamedKernels.all
        let chosen = sets == "all" ? all : sets == "best" ? all.suffix(1) : all.filter { $0.name == sets }
        guard !chosen.isEmpty else {
            throw BenchmarkError(
                .badOption,
                "this processor has no kernels '\(sets)'; it has \(Self.setNames.joined(separator: ", ")), or say all or best"
            )
        }
        self.sets = chosen
        self.options = options
        timer = KernelTimer(
            team: try ThreadTeam(count: options.threads, spins: 20_000), repeats: options.repeats,
            sampleSeconds: options.sampleSeconds)
    }

    /// The ceilings of each set, in the order of the sets.
    package func measureCeilings() -> [KernelCeilings] {
        let memory = timer.memoryCeiling(bytes: options.coldBytes)
        return sets.map { timer.ceilings(of: $0, memory: memory) }
    }

    /// Measures every kernel of every set, and compares it with the ceilings.
    /// - Parameter report: called with each figure as it is measured.
    package func measure(beside ceilings: [KernelCeilings], _ report: (KernelFigure) -> Void) {
        for (set, ceilings) in zip(sets, ceilings) {
            let context = KernelMeasurement(set: set, options: options, timer: timer, ceilings: ceilings)
            context.products(report)
            context.attention(report)
            context.textAttention(report)
            context.rows(report)
        }
    }
}

/// A set of kernels with its name.
struct NamedKernels {
    let pointer: UnsafePointer<tw_kernels>
    var table: tw_kernels { pointer.pointee }
    var name: String { String(cString: pointer.pointee.name) }

    /// The sets that this processor runs.
    static var all: [NamedKernels] {
        var sets: [NamedKernels] = []
        while let pointer = tw_kernels_at(Int64(sets.count)) { sets.append(NamedKernels(pointer: pointer)) }
        return sets
    }
}

/// The common context of all measurements of one set.
struct KernelMeasurement {
    let set: NamedKernels
    let options: KernelBenchOptions
    let timer: KernelTimer
    let ceilings: KernelCeilings
}
