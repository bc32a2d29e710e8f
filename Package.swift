// swift-tools-version: 6.1
import PackageDescription

let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

// The arrows between targets are the architecture: Tests/ArchitectureTests holds every `import` to this list. The rooms
// stand in the order of docs/ARCHITECTURE.md; an arrow points only to a target that stands before.
let package = Package(
    name: "tideway",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "tideway", targets: ["tideway"]),
        .library(name: "Inference", targets: ["Inference"]),
        .library(name: "BatchInference", targets: ["BatchInference"]),
        .library(name: "Scheduling", targets: ["Scheduling"]),
        .library(name: "Simulation", targets: ["Simulation"]),
        .library(name: "ModelFiles", targets: ["ModelFiles"]),
        .library(name: "Tokenization", targets: ["Tokenization"]),
        .library(name: "ChatTemplates", targets: ["ChatTemplates"]),
        .library(name: "OpenAIProtocol", targets: ["OpenAIProtocol"]),
        .library(name: "Platform", targets: ["Platform"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    ],
    targets: [
        // Ground.
        .target(name: "CKernels"),
        .target(name: "CPlatform"),
        .target(name: "Platform", dependencies: ["CPlatform"]),
        // Decide.
        .target(name: "Scheduling", dependencies: [collections]),
        // Files.
        .target(name: "ModelFiles", dependencies: ["Platform"]),
        .target(name: "ModelPlans", dependencies: ["Platform", "ModelFiles"]),
        // Text.
        .target(name: "Tokenization", dependencies: ["Platform"]),
        .target(name: "ChatTemplates", dependencies: ["Platform", "Tokenization"]),
        // Compute.
        .target(name: "StageDevices", dependencies: ["Scheduling"]),
        .target(
            name: "CPUDevice",
            dependencies: ["CKernels", "Platform", "Scheduling", "ModelFiles", "ModelPlans", "StageDevices"]),
        .target(name: "TextEncoders", dependencies: ["CKernels", "Platform", "Scheduling", "ModelFiles", "CPUDevice"]),
        // Run.
        .target(name: "Runtime", dependencies: ["Platform", "Scheduling", "StageDevices", collections]),
        .target(name: "EventLog", dependencies: ["Platform", "Scheduling", collections]),
        // Serve.
        .target(name: "OpenAIProtocol", dependencies: ["Platform", "Scheduling"]),
        .target(
            name: "Inference",
            dependencies: [
                "Platform", "Scheduling", "ModelFiles", "ModelPlans", "Tokenization", "ChatTemplates", "StageDevices",
                "CPUDevice", "Runtime", "OpenAIProtocol",
            ]),
        .target(
            name: "LengthPrediction",
            dependencies: [
                "Platform", "Scheduling", "ModelFiles", "Tokenization", "CPUDevice", "TextEncoders", "OpenAIProtocol",
            ]),
        .target(
            name: "BatchInference",
            dependencies: [
                "Platform", "Scheduling", "Tokenization", "CPUDevice", "Runtime", "EventLog", "OpenAIProtocol",
                "Inference", "LengthPrediction",
            ]),
        // Laboratory.
        .target(name: "Simulation", dependencies: ["Platform", "Scheduling", collections]),
        .target(name: "FaultWorlds", dependencies: ["Platform", "Scheduling", "Simulation", collections]),
        .target(name: "Studies", dependencies: ["Scheduling", "Simulation"]),
        .target(
            name: "Benchmarks",
            dependencies: [
                "CKernels", "Platform", "Scheduling", "ModelFiles", "ModelPlans", "Tokenization", "CPUDevice",
                "Runtime", "OpenAIProtocol", "Inference", "BatchInference", "Simulation", "Studies",
            ]),
        // Face.
        .target(name: "Reporting", dependencies: ["Platform", "Scheduling"], resources: [.embedInCode("Resources")]),
        .executableTarget(
            name: "tideway",
            dependencies: [
                "Platform", "Scheduling", "ModelFiles", "ModelPlans", "Tokenization", "ChatTemplates", "CPUDevice",
                "Runtime", "EventLog", "OpenAIProtocol", "Inference", "LengthPrediction", "BatchInference",
                "Simulation", "FaultWorlds", "Studies", "Benchmarks", "Reporting", argumentParser,
            ]),
        // What a Swift program does with the libraries; README.md shows it.
        .executableTarget(
            name: "ThreePrompts", dependencies: ["OpenAIProtocol", "Inference"], path: "Examples/ThreePrompts"),
        .testTarget(name: "ArchitectureTests"),
        // What only tests use.
        .target(name: "TestTools", dependencies: ["Platform"], path: "Tests/TestTools"),
        .target(name: "AllocationCount", path: "Tests/AllocationCount"),
        .target(
            name: "TinyModels", dependencies: ["ModelFiles", "TestTools"], path: "Tests/CPUDeviceTests/TinyModels"),
        .testTarget(name: "PlatformTests", dependencies: ["Platform", "TestTools"]),
        .target(
            name: "TestVocabularies", dependencies: ["Tokenization", "TestTools"],
            path: "Tests/TokenizationTests/Vocabularies"),
        .testTarget(
            name: "BatchInferenceTests", dependencies: ["Platform", "OpenAIProtocol", "BatchInference", "TestTools"]),
        .testTarget(name: "SchedulingTests", dependencies: ["Scheduling", "FaultWorlds", "TestTools"]),
        .testTarget(name: "ModelFilesTests", dependencies: ["ModelFiles", "TestTools"], exclude: ["Fixtures"]),
        .testTarget(name: "ModelPlansTests", dependencies: ["ModelFiles", "ModelPlans", "TinyModels"]),
        .testTarget(
            name: "TokenizationTests", dependencies: ["Tokenization", "TestTools", "TestVocabularies"],
            exclude: ["Fixtures", "Vocabularies"]),
        .testTarget(
            name: "ChatTemplatesTests",
            dependencies: ["Tokenization", "ChatTemplates", "TestTools", "TestVocabularies"],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "CPUDeviceTests",
            dependencies: [
                "CKernels", "Platform", "Scheduling", "ModelFiles", "ModelPlans", "StageDevices", "CPUDevice",
                "TestTools", "AllocationCount", "TinyModels",
            ],
            exclude: ["TinyModels"]),
        .testTarget(
            name: "TextEncodersTests",
            dependencies: ["Scheduling", "ModelFiles", "CPUDevice", "TextEncoders", "TinyModels"]),
        .testTarget(
            name: "RuntimeTests",
            dependencies: ["Platform", "Scheduling", "StageDevices", "CPUDevice", "Runtime", "TestTools", "TinyModels"]),
        .testTarget(
            name: "InferenceTests",
            dependencies: ["Platform", "Scheduling", "OpenAIProtocol", "Inference", "TestTools", "TinyModels"]),
        .testTarget(
            name: "OpenAIProtocolTests", dependencies: ["Platform", "Scheduling", "OpenAIProtocol", "TestTools"]),
        .testTarget(
            name: "LengthPredictionTests",
            dependencies: [
                "Platform", "Scheduling", "ModelFiles", "CPUDevice", "OpenAIProtocol", "LengthPrediction", "TestTools",
                "TinyModels",
            ]),
        .testTarget(
            name: "SimulationTests", dependencies: ["Platform", "Scheduling", "EventLog", "Simulation"],
            exclude: ["Fixtures"]),
        .testTarget(name: "FaultWorldsTests", dependencies: ["FaultWorlds"]),
        .testTarget(name: "StudiesTests", dependencies: ["Scheduling", "Simulation", "Studies"]),
        .testTarget(
            name: "ReportingTests", dependencies: ["Scheduling", "Reporting", "TestTools"], exclude: ["Fixtures"]),
        .testTarget(
            name: "CommandTests",
            dependencies: ["BatchInference", "Benchmarks", "tideway", "TestTools"]),
    ],
    swiftLanguageModes: [.v6]
)
