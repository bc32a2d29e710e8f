import Platform

/// The machine that a benchmark ran on.
package struct MachineDescription: Sendable, Hashable {
    /// The processor's name, from the system.
    package var processor: String
    /// Logical processors that the process may use.
    package var cores: Int
    /// Bytes of main memory; nil if the system does not say.
    package var memoryBytes: Int?
    /// The instruction set of the kernels that ran, such as `avx2`.
    package var kernels: String
    /// The operating system and its version.
    package var system: String

    package init(processor: String, cores: Int, memoryBytes: Int? = nil, kernels: String, system: String) {
        self.processor = processor
        self.cores = cores
        self.memoryBytes = memoryBytes
        self.kernels = kernels
        self.system = system
    }

    /// One object, always in the same order. `memory_bytes` is null where it is not known.
    package var json: JSONValue {
        .object([
            .init("processor", .string(processor)),
            .init("cores", .integer(cores)),
            .init("memory_bytes", memoryBytes.map(JSONValue.integer) ?? .null),
            .init("kernels", .string(kernels)),
            .init("system", .string(system)),
        ])
    }

    /// The machine in one line: `Example 9000, 2 cores, 7.6 GiB, avx2 kernels, Linux 6.1`.
    package var line: String {
        let parts = [
            processor, "\(cores) \(cores == 1 ? "core" : "cores")", memoryBytes.map(Quantities.bytes),
            "\(kernels) kernels", system,
        ]
        return parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ", ")
    }
}
