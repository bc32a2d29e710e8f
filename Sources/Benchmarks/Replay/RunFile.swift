import CPUDevice
import Inference
import OpenAIProtocol
import Platform
import Scheduling
import Studies

/// Real runs, as written by `tideway run --stats` or `tideway bench offline --json`.
package struct RunFile: Sendable {
    /// One run: the facts to simulate it with, and its results.
    package struct Run: Sendable {
        /// The policy with its options, as it was written.
        package let label: String
        /// Counted from 1.
        package let repetition: Int
        package let policy: String
        /// Options in the form that `TDPipeOptions` reads; empty for the defaults.
        package let options: String
        /// The length predictor; nil where the file names none.
        package let lengths: String?
        package let stages: Int
        package let threads: Int
        package let requests: Int
        package let promptTokens: Int
        package let outputTokens: Int
        package let blocks: Int
        package let wallSeconds: Double
        package let bubbleRatio: Double
        package let kvType: KVType
        /// The machine's speed compared with a profile; nil if the file does not have it.
        package let profile: ProfileComparison?
    }
    /// At least one.
    package let runs: [Run]

    private static let mostBytes = 256 << 20

    /// - Throws: `BenchmarkError` that names file, run and field.
    package init(path: String) throws(BenchmarkError) {
        let bytes = try SmallFile.read(path, most: Self.mostBytes) { BenchmarkError(.badRun, $0) }
        let root: JSONValue
        do { root = try JSONParser.parse(bytes) } catch { throw BenchmarkError(.badRun, "\(path): \(error)") }
        let elements = root["runs"].map { $0.elements ?? [] } ?? [root]
        guard !elements.isEmpty else { throw BenchmarkError(.badRun, "\(path) has 0 runs; at least 1 is needed") }
        var runs: [Run] = []
        for (index, element) in elements.enumerated() {
            runs.append(try Self.run(element, place: "\(path), run \(index)"))
        }
        self.runs = runs
    }

    private static func run(_ value: JSONValue, place: String) throws(BenchmarkError) -> Run {
        func wrong(_ key: String, _ needed: String) -> BenchmarkError {
            let given = value[key].map { "is \(String(decoding: $0.encoded().prefix(40), as: UTF8.self))" }
            return BenchmarkError(.badRun, "\(place): \(key) \(given ?? "is missing"); \(needed) is needed")
        }
        func integer(_ key: String) throws(BenchmarkError) -> Int {
            guard let number = value[key]?.integer.flatMap({ Int(exactly: $0) }), 1...(1 << 40) ~= number else {
                throw wrong(key, "a whole number of at least 1")
            }
            return number
        }
        func number(_ key: String, _ range: ClosedRange<Double>) throws(BenchmarkError) -> Double {
            guard let number = value[key]?.number, range.contains(number) else {
                throw wrong(key, "a number in \(range.lowerBound)...\(range.upperBound)")
            }
            return number
        }
        guard let policy = value["policy"]?.string else { throw wrong("policy", "a name") }
        let keysAndValues = value["kv_type"]?.string ?? KVType.f16.rawValue
        guard let kvType = KVType(rawValue: keysAndValues) else {
            throw wrong("kv_type", KVType.allCases.map(\.rawValue).joined(separator: " or "))
        }
        var profile: ProfileComparison?
        if value["profile_ratio"] != nil {
            guard let digest = value["profile_digest"]?.string else { throw wrong("profile_digest", "a text") }
            profile = ProfileComparison(digest: digest, ratio: try number("profile_ratio", RunReplay.ratios))
        }
        return Run(
            label: value["label"]?.string ?? policy,
            repetition: value["repeat"] == nil ? 1 : try integer("repeat"), policy: policy,
            options: value["options"]?.string ?? "", lengths: value["lengths"]?.string,
            stages: try integer("stages"), threads: try integer("threads"), requests: try integer("requests"),
            promptTokens: try integer("prompt_tokens"), outputTokens: try integer("output_tokens"),
            blocks: try integer("kv_blocks_total"), wallSeconds: try number("wall_seconds", 1e-9...1e12),
            bubbleRatio: try number("bubble_ratio", 0...1), kvType: kvType, profile: profile)
    }
}
