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
        Arrows(target: "Platform", dependencies: ["CPlatform"], system: platform.union(["Synchronization"])),
        // No clock, no threads, no files, no randomness: nothing that could make a schedule unrepeatable.
        Arrows(target: "Scheduling", dependencies: ["DequeModule"]),
        Arrows(target: "ModelFiles", dependencies: ["Platform"], system: platform),
        Arrows(target: "ModelPlans", dependencies: ["Platform", "ModelFiles"]),
        Arrows(target: "Tokenization", dependencies: ["Platform"], system: foundation),
        Arrows(target: "ChatTemplates", dependencies: ["Platform", "Tokenization"], system: foundation),
        Arrows(target: "StageDevices", dependencies: ["Scheduling"]),
        Arrows(
            target: "CPUDevice",
            dependencies: ["CKernels", "Platform", "Scheduling", "ModelFiles", "ModelPlans", "StageDevices"]),
        Arrows(
            target: "TextEncoders", dependencies: ["CKernels", "Platform", "Scheduling", "ModelFiles", "CPUDevice"]),
        Arrows(
            target: "Runtime", dependencies: ["Platform", "Scheduling", "StageDevices", "DequeModule"],
            system: ["Synchronization"]),
        Arrows(target: "EventLog", dependencies: ["Platform", "Scheduling", "DequeModule"]),
        Arrows(target: "OpenAIProtocol", dependencies: ["Platform", "Scheduling"]),
        Arrows(
            target: "Inference",
            dependencies: [
                "Platform", "Scheduling", "ModelFiles", "ModelPlans", "Tokenization", "ChatTemplates", "StageDevices",
                "CPUDevice", "Runtime", "OpenAIProtocol",
            ], system: ["Synchronization"]),
        Arrows(
            target: "LengthPrediction",
            dependencies: [
                "Platform", "Scheduling", "ModelFiles", "Tokenization", "CPUDevice", "TextEncoders", "OpenAIProtocol",
            ]),
        Arrows(
            target: "BatchInference",
            dependencies: [
                "Platform", "Scheduling", "Tokenization", "CPUDevice", "Runtime", "EventLog", "OpenAIProtocol",
                "Inference", "LengthPrediction",
            ]),
        Arrows(target: "Simulation", dependencies: ["Platform", "Scheduling", "DequeModule"]),
        Arrows(target: "FaultWorlds", dependencies: ["Platform", "Scheduling", "Simulation", "DequeModule"]),
        Arrows(target: "Studies", dependencies: ["Scheduling", "Simulation"]),
        Arrows(
            target: "Benchmarks",
            dependencies: [
                "CKernels", "Platform", "Scheduling", "ModelFiles", "ModelPlans", "Tokenization", "CPUDevice",
                "Runtime", "OpenAIProtocol", "Inference", "BatchInference", "Simulation", "Studies",
            ]),
        Arrows(target: "Reporting", dependencies: ["Platform", "Scheduling"]),
        Arrows(
            target: "tideway",
            dependencies: [
                "Platform", "Scheduling", "ModelFiles", "ModelPlans", "Tokenization", "ChatTemplates", "CPUDevice",
                "Runtime", "EventLog", "OpenAIProtocol", "Inference", "LengthPrediction", "BatchInference",
                "Simulation", "FaultWorlds", "Studies", "Benchmarks", "Reporting", "ArgumentParser",
            ]),
    ]
}
