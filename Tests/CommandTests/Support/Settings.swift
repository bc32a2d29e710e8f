import Foundation

/// Where the program and the models of these tests are.
enum Settings {
    private static let environment = ProcessInfo.processInfo.environment

    /// The root of the checkout.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// The program under test: TIDEWAY_BINARY, else the release build.
    static let binary = environment["TIDEWAY_BINARY"] ?? root + "/.build/release/tideway"

    /// The example program for Swift programmers, built beside the program under test.
    static let example = URL(fileURLWithPath: binary).deletingLastPathComponent().path + "/ThreePrompts"

    /// The 48 requests that the project shows.
    static let examples = root + "/Examples/prompts.jsonl"

    /// The folder that holds `tiny/*.gguf`, made by Scripts/oracle; nil where the tests that need it are skipped.
    static let cache = environment["TIDEWAY_TEST_CACHE"]

    /// SmolLM2-135M-Instruct.Q4_1.gguf; nil where the tests that need it are skipped.
    static let realModel = environment["TIDEWAY_TEST_MODEL"]

    /// The folder of all-MiniLM-L6-v2; nil where the tests that need it are skipped.
    static let encoder: String? = cache.map { $0 + "/all-MiniLM-L6-v2" }.flatMap {
        FileManager.default.fileExists(atPath: $0 + "/model.safetensors") ? $0 : nil
    }

    /// The path of a model with random weights.
    static func tiny(_ name: String = "tiny") -> String { (cache ?? "(no TIDEWAY_TEST_CACHE)") + "/tiny/\(name).gguf" }
}
