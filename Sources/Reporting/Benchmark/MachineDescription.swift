import Platform

/// The machine that a benchmark ran on.
public struct MachineDescription: Sendable, Hashable {
    /// As the system names the processor.
    public var processor: String
    /// Logical processors that the process may use.
    public var cores: Int
    /// Main memory; nil where the system does not say.
    public var memoryBytes: Int?
    /// The instruction set of the kernels that ran, such as `avx2`.
    public var kernels: String
    /// The operating system and its version.
    public var system: String

    public init(processor: String, cores: Int, memoryBytes: Int? = nil, kernels: String, system: String) {
        self.processor = processor
        self.cores = cores
        self.memoryBytes = memoryBytes
        self.kernels = kernels
        self.system = system
    }

    /// One object, always in the same order. `memory_bytes` is null where it is not known.
    public var json: JSONValue {
        .object([
            .init("processor", .string(processor)),
            .init("cores", .integer(cores)),
            .init("memory_bytes", memoryBytes.map(JSONValue.integer) ?? .null),
            .init("kernels", .string(kernels)),
            .init("system", .string(system)),
        ])
    }

    /// In one line: `Example 9000, 2 cores, 7.6 GiB, avx2 kernels, Linux 6.1`.
    public var line: String {
        let parts = [
            processor, "\(cores) \(cores == 1 ? "core" : "cores")", memoryBytes.map(Quantities.bytes),
            "\(kernels) kernels", system,
        ]
        return parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ", ")
    }
}
