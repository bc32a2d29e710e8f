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
        .library(name: "Runtime", targets: ["Runtime"]),
        .library(name: "ModelFiles", targets: ["ModelFiles"]),
        .library(name: "Tokenization", targets: ["Tokenization"]),
        .library(name: "OpenAIProtocol", targets: ["OpenAIProtocol"]),
        .library(name: "Platform", targets: ["Platform"]),
        .library(name: "LengthPrediction", targets: ["LengthPrediction"]),
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
        // Text.
        .target(name: "Tokenization", dependencies: ["Platform"]),
        // Compute.
        .target(name: "CPUDevice", dependencies: ["CKernels", "CPlatform", "Platform", "ModelFiles", "Scheduling"]),
        // Run.
        .target(name: "Runtime", dependencies: ["Platform", "Scheduling", "CPUDevice", collections]),
        .target(name: "EventLog", dependencies: ["Platform", "Scheduling", collections]),
        // Serve.
        .target(name: "OpenAIProtocol", dependencies: ["Platform", "Scheduling"]),
        .target(
            name: "Inference",
            dependencies: [
                "Platform", "Scheduling", "ModelFiles", "Tokenization", "CPUDevice", "Runtime", "OpenAIProtocol",
            ]),
        .target(
            name: "LengthPrediction",
            dependencies: ["Platform", "Scheduling", "ModelFiles", "Tokenization", "CPUDevice", "OpenAIProtocol"]),
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
                "CKernels", "Platform", "Scheduling", "ModelFiles", "Tokenization", "CPUDevice", "Runtime",
                "OpenAIProtocol", "Inference", "BatchInference", "LengthPrediction", "Simulation", "Studies",
            ]),
        // Face.
        .target(name: "Reporting", dependencies: ["Platform", "Scheduling"]),
        .executableTarget(
            name: "tideway",
            dependencies: [
                "Platform", "Scheduling", "ModelFiles", "Tokenization", "CPUDevice", "Runtime", "EventLog",
                "OpenAIProtocol", "Inference", "LengthPrediction", "BatchInference", "Simulation", "FaultWorlds",
                "Studies", "Benchmarks", "Reporting", argumentParser,
            ]),
        .testTarget(name: "ArchitectureTests"),
        // What only tests use.
        .target(name: "TestTools", dependencies: ["Platform"], path: "Tests/TestTools"),
        .target(name: "AllocationCount", path: "Tests/AllocationCount"),
        .target(
            name: "TinyModels", dependencies: ["ModelFiles", "TestTools"], path: "Tests/CPUDeviceTests/TinyModels"),
        .testTarget(name: "PlatformTests", dependencies: ["Platform", "TestTools"]),
        .testTarget(name: "SchedulingTests", dependencies: ["Scheduling", "TestTools"]),
        .testTarget(name: "ModelFilesTests", dependencies: ["ModelFiles", "TestTools"], exclude: ["Fixtures"]),
        .testTarget(name: "TokenizationTests", dependencies: ["Tokenization", "TestTools"], exclude: ["Fixtures"]),
        .testTarget(
            name: "CPUDeviceTests",
            dependencies: [
                "CPUDevice", "Platform", "CKernels", "ModelFiles", "Scheduling", "AllocationCount", "TestTools",
                "TinyModels",
            ],
            exclude: ["TinyModels"]),
        .testTarget(
            name: "RuntimeTests",
            dependencies: ["Runtime", "Platform", "Scheduling", "CPUDevice", "TestTools", "TinyModels"]),
        .testTarget(
            name: "OpenAIProtocolTests", dependencies: ["OpenAIProtocol", "Platform", "Scheduling", "TestTools"]),
        .testTarget(
            name: "BatchInferenceTests", dependencies: ["BatchInference", "OpenAIProtocol", "Platform", "TestTools"]),
        .testTarget(
            name: "LengthPredictionTests",
            dependencies: [
                "LengthPrediction", "Platform", "Scheduling", "ModelFiles", "CPUDevice", "OpenAIProtocol", "TestTools",
                "TinyModels",
            ]),
        .testTarget(
            name: "SimulationTests", dependencies: ["Simulation", "EventLog", "Platform", "Scheduling"],
            exclude: ["Fixtures"]),
        .testTarget(name: "FaultWorldsTests", dependencies: ["FaultWorlds"]),
        .testTarget(name: "StudiesTests", dependencies: ["Studies", "Simulation", "Scheduling"]),
        .testTarget(name: "ReportingTests", dependencies: ["Reporting", "Platform", "Scheduling", "TestTools"]),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "tideway", "Benchmarks", "BatchInference", "Inference", "CPUDevice", "Platform", "TestTools",
            ]),
    ],
    swiftLanguageModes: [.v6]
)
