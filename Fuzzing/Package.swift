// swift-tools-version: 6.1
import PackageDescription

// Programs that run under sanitizers: coverage-guided fuzzers of the file readers, and a check of the engine's threads. A
// package of its own, so that building Tideway never needs libFuzzer. `make sanitize` runs all of them for a bounded time;
// docs/HACKING.md has the commands for more.
let entry: [SwiftSetting] = [.unsafeFlags(["-parse-as-library"])]

let package = Package(
    name: "fuzzing",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "tideway", path: "..")],
    targets: [
        .executableTarget(
            name: "FuzzGGUF", dependencies: [.product(name: "ModelFiles", package: "tideway")], swiftSettings: entry),
        .executableTarget(
            name: "FuzzSafetensors", dependencies: [.product(name: "ModelFiles", package: "tideway")],
            swiftSettings: entry),
        .executableTarget(
            name: "FuzzTemplate",
            dependencies: [
                .product(name: "ChatTemplates", package: "tideway"), .product(name: "Tokenization", package: "tideway"),
            ],
            exclude: ["inputs"], swiftSettings: entry),
        .executableTarget(
            name: "FuzzTokenizerJSON", dependencies: [.product(name: "Tokenization", package: "tideway")],
            exclude: ["inputs"], swiftSettings: entry),
        .executableTarget(
            name: "FuzzChatJSON",
            dependencies: [
                .product(name: "OpenAIProtocol", package: "tideway"), .product(name: "Platform", package: "tideway"),
            ],
            exclude: ["inputs"], swiftSettings: entry),
        .executableTarget(
            name: "RaceCheck",
            dependencies: [
                .product(name: "Inference", package: "tideway"), .product(name: "OpenAIProtocol", package: "tideway"),
                .product(name: "Scheduling", package: "tideway"),
            ],
            swiftSettings: entry),
    ],
    swiftLanguageModes: [.v6]
)
