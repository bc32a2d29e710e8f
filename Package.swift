// swift-tools-version: 6.1
import PackageDescription

let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

// The arrows between targets are the architecture: Tests/ArchitectureTests holds every `import` to this list.
let package = Package(
    name: "tideway",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "tideway", targets: ["tideway"]),
        .library(name: "BatchInference", targets: ["BatchInference"]),
        .library(name: "Scheduling", targets: ["Scheduling"]),
        .library(name: "Runtime", targets: ["Runtime"]),
        .library(name: "ModelFiles", targets: ["ModelFiles"]),
        .library(name: "Tokenization", targets: ["Tokenization"]),
        .library(name: "ChatTemplates", targets: ["ChatTemplates"]),
        .library(name: "OpenAIProtocol", targets: ["OpenAIProtocol"]),
        .library(name: "LengthPrediction", targets: ["LengthPrediction"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    ],
    targets: [
        .target(name: "CKernels"),
        .target(name: "CPlatform"),
        .target(name: "Scheduling", dependencies: [collections]),
        .target(name: "ModelFiles"),
        .target(name: "Tokenization"),
        .target(name: "ChatTemplates", dependencies: ["Tokenization"]),
        .target(name: "Transformer", dependencies: ["CKernels", "CPlatform", "ModelFiles", "Scheduling"]),
        .target(name: "Runtime", dependencies: ["Scheduling", "Transformer", collections]),
        .target(name: "Simulation", dependencies: ["Scheduling"]),
        .target(name: "Reporting", dependencies: ["Scheduling"]),
        .target(name: "OpenAIProtocol", dependencies: ["Scheduling"]),
        .target(
            name: "LengthPrediction",
            dependencies: ["Scheduling", "ModelFiles", "Tokenization", "Transformer", "OpenAIProtocol"]),
        .target(
            name: "BatchInference",
            dependencies: [
                "CKernels", "Scheduling", "ModelFiles", "Tokenization", "ChatTemplates", "Transformer", "Runtime",
                "Simulation", "OpenAIProtocol", "LengthPrediction",
            ]),
        .executableTarget(
            name: "tideway",
            dependencies: [
                "BatchInference", "Scheduling", "ModelFiles", "Tokenization", "ChatTemplates", "Transformer", "Runtime",
                "Simulation", "Reporting", "OpenAIProtocol", "LengthPrediction", argumentParser,
            ]),
        .testTarget(name: "ArchitectureTests"),
        // What only tests use.
        .target(name: "TestTools", path: "Tests/TestTools"),
        .target(name: "AllocationCount", path: "Tests/AllocationCount"),
        .target(
            name: "TinyModels", dependencies: ["ModelFiles", "TestTools"], path: "Tests/TransformerTests/TinyModels"),
        .target(
            name: "TestVocabularies", dependencies: ["Tokenization", "TestTools"],
            path: "Tests/TokenizationTests/Vocabularies"),
        .testTarget(name: "SchedulingTests", dependencies: ["Scheduling", "TestTools"]),
        .testTarget(name: "ModelFilesTests", dependencies: ["ModelFiles", "TestTools"], exclude: ["Fixtures"]),
        .testTarget(
            name: "TokenizationTests", dependencies: ["Tokenization", "TestTools", "TestVocabularies"],
            exclude: ["Fixtures", "Vocabularies"]),
        .testTarget(
            name: "ChatTemplatesTests",
            dependencies: ["ChatTemplates", "Tokenization", "TestTools", "TestVocabularies"],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "TransformerTests",
            dependencies: [
                "Transformer", "CKernels", "ModelFiles", "Scheduling", "AllocationCount", "TestTools", "TinyModels",
            ],
            exclude: ["TinyModels"]),
        .testTarget(
            name: "RuntimeTests", dependencies: ["Runtime", "Scheduling", "Transformer", "TestTools", "TinyModels"]),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation", "Scheduling"], exclude: ["Fixtures"]),
        .testTarget(name: "ReportingTests", dependencies: ["Reporting", "Scheduling", "TestTools"]),
        .testTarget(name: "OpenAIProtocolTests", dependencies: ["OpenAIProtocol", "Scheduling", "TestTools"]),
        .testTarget(
            name: "LengthPredictionTests",
            dependencies: [
                "LengthPrediction", "Scheduling", "ModelFiles", "Transformer", "OpenAIProtocol", "TestTools",
                "TinyModels",
            ]),
        .testTarget(name: "CommandTests", dependencies: ["tideway", "BatchInference", "TestTools"]),
    ],
    swiftLanguageModes: [.v6]
)
