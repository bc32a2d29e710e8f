/// What a target may import. The architecture is this table; docs/ARCHITECTURE.md explains it.
struct Arrows {
    let target: String
    /// As Package.swift lists them, in any order.
    let dependencies: Set<String>
    /// Modules of the system and the toolchain.
    var system: Set<String> = []

    private static let platform: Set = ["Glibc", "Musl", "Darwin"]
    private static let foundation: Set = ["FoundationEssentials", "Foundation"]

    /// Lowest first: an arrow only ever points upwards in this list.
    static let all = [
        Arrows(target: "CKernels", dependencies: []),
        Arrows(target: "CPlatform", dependencies: []),
        // No clock, no threads, no files, no randomness: nothing that could make a schedule unrepeatable.
        Arrows(target: "Scheduling", dependencies: ["DequeModule"]),
        Arrows(target: "ModelFiles", dependencies: [], system: platform.union(foundation)),
        Arrows(target: "Tokenization", dependencies: [], system: foundation.union(["Synchronization"])),
        Arrows(target: "ChatTemplates", dependencies: ["Tokenization"], system: foundation),
        Arrows(
            target: "Transformer", dependencies: ["CKernels", "CPlatform", "ModelFiles", "Scheduling"],
            system: platform.union(["Synchronization"])),
        Arrows(
            target: "Runtime", dependencies: ["Scheduling", "Transformer", "DequeModule"],
            system: platform.union(["Synchronization"])),
        Arrows(target: "Simulation", dependencies: ["Scheduling"], system: platform),
        Arrows(target: "Reporting", dependencies: ["Scheduling"], system: platform),
        Arrows(target: "OpenAIProtocol", dependencies: ["Scheduling"], system: platform),
        Arrows(
            target: "LengthPrediction",
            dependencies: ["Scheduling", "ModelFiles", "Tokenization", "Transformer", "OpenAIProtocol"],
            system: platform),
        Arrows(
            target: "BatchInference",
            dependencies: [
                "CKernels", "Scheduling", "ModelFiles", "Tokenization", "ChatTemplates", "Transformer", "Runtime",
                "Simulation", "OpenAIProtocol", "LengthPrediction",
            ],
            system: platform.union(["Synchronization"])),
        Arrows(
            target: "tideway",
            dependencies: [
                "BatchInference", "Scheduling", "ModelFiles", "Tokenization", "ChatTemplates", "Transformer", "Runtime",
                "Simulation", "Reporting", "OpenAIProtocol", "LengthPrediction", "ArgumentParser",
            ],
            system: platform.union(["Synchronization"])),
    ]
}
