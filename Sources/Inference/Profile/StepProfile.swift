import CPUDevice
import OpenAIProtocol
import Platform
import Scheduling

/// Measured step costs of a model in a pipeline, with the conditions for which they hold.
public struct StepProfile: Sendable, Hashable {
    /// The version of the file format that this program writes and reads.
    public static let formatVersion = 1

    /// The fingerprint of the model file.
    public let fingerprint: UInt64
    public let model: String
    public let stages: Int
    /// Threads of each stage.
    public let threads: Int
    /// Layers of each stage.
    public let layerCounts: [Int]
    public let processor: String
    public let kernels: String
    public let precision: Precision
    public let kvType: KVType
    /// In the order of measurement; each has a time for each stage.
    public let samples: [StepSample]

    /// The costs between and beyond the samples.
    /// - Throws: `InferenceError` for samples from which no cost can be made.
    public func costs() throws(InferenceError) -> MeasuredStepCost {
        do { return try MeasuredStepCost(samples) } catch { throw InferenceError(.badProfile, "\(error)") }
    }

    /// The differences between the conditions of this profile and those of a run, each with both values; empty if the
    /// profile holds for the run.
    public func differences(from model: TextModel, _ options: EngineOptions) -> [String] {
        var found: [String] = []
        if fingerprint != model.fingerprint {
            found.append(
                "model \(self.model) (\(String(fingerprint, radix: 16))), not \(model.name) "
                    + "(\(String(model.fingerprint, radix: 16)))")
        }
        if stages != options.stages { found.append("\(stages) stages, not \(options.stages)") }
        if threads != options.threads { found.append("\(threads) threads a stage, not \(options.threads)") }
        if precision != options.precision {
            found.append("activations \(precision.rawValue), not \(options.precision.rawValue)")
        }
        if kvType != options.kvType {
            found.append("keys and values as \(kvType.rawValue), not \(options.kvType.rawValue)")
        }
        return found
    }

    /// The profile as JSON, with one sample per line.
    public var text: String {
        let head: [JSONMember] = [
            JSONMember("format_version", .int(Int64(Self.formatVersion))),
            JSONMember("model_fingerprint", .string(String(fingerprint, radix: 16))),
            JSONMember("model", .string(model)),
            JSONMember("stages", .int(Int64(stages))),
            JSONMember("threads", .int(Int64(threads))),
            JSONMember("stage_layers", .array(layerCounts.map { .int(Int64($0)) })),
            JSONMember("processor", .string(processor)),
            JSONMember("kernels", .string(kernels)),
            JSONMember("activations", .string(precision.rawValue)),
            JSONMember("kv_type", .string(kvType.rawValue)),
        ]
        func encoded(_ value: JSONValue) -> String { String(decoding: value.encoded(), as: UTF8.self) }
        let lines = head.map { encoded(.string($0.key)) + ": " + encoded($0.value) }
        let samples = samples.map { sample in
            encoded(
                .object([
                    JSONMember("tokens", .int(Int64(sample.load.tokens))),
                    JSONMember("context", .int(Int64(sample.load.context))),
                    JSONMember("sequences", .int(Int64(sample.load.sequences))),
                    JSONMember("stage_seconds", .array(sample.stageSeconds.map { .double($0) })),
                ]))
        }
        return "{\n" + lines.joined(separator: ",\n") + ",\n\"samples\": [\n" + samples.joined(separator: ",\n")
            + "\n]}\n"
    }
}
