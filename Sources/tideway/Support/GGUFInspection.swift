import CPUDevice
import ModelFiles
import ModelPlans
import Reporting

/// What `inspect` shows of a GGUF file.
struct GGUFInspection {
    let text: String

    init(path: String, listsTensors: Bool, listsMetadata: Bool) throws {
        let file = try GGUFFile(path: path)
        var parts = [try Self.overview(file, path: path)]
        parts.append(TensorTables.types(file.tensors))
        let checkpoint = GGUFCheckpoint(file)
        do {
            let plan = try ModelPlan(checkpoint)
            try CPUDevice.requireSupport(of: plan)
            parts.append(Self.shape(plan))
            parts.append(Self.memory(plan, checkpoint))
        } catch {
            parts.append("Tideway cannot run it: \(error)")
        }
        if listsMetadata { parts.append(Self.entries(file)) }
        if listsTensors { parts.append(TensorTables.list(file.tensors)) }
        text = parts.joined(separator: "\n\n")
    }

    private static func overview(_ file: GGUFFile, path: String) throws -> String {
        var rows = [
            ["file", "\(path), GGUF version \(file.version), \(Quantities.bytes(file.byteCount))"],
            ["architecture", try file.metadata.string("general.architecture") ?? "not named"],
        ]
        if let name = try file.metadata.string("general.name") { rows.append(["name", name]) }
        let parameters = file.tensors.reduce(0) { $0 + $1.elementCount }
        rows.append(["parameters", Quantities.grouped(parameters)])
        if file.metadata.contains("tokenizer.ggml.model") {
            let vocabulary = try file.vocabulary()
            let rule = vocabulary.preTokenizer.map { ", pre-tokenizer \($0)" } ?? ""
            let count = Quantities.grouped(vocabulary.tokens.count)
            rows.append(["tokenizer", "\(vocabulary.model)\(rule), \(count) tokens"])
            rows.append(["chat template", try GGUFCheckpoint(file).chatTemplate() == nil ? "none" : "yes"])
        }
        return TextTable(rows: rows).rendered()
    }

    /// The sizes of a plan whose layers all have the same sizes, as the CPU device requires.
    private static func shape(_ plan: ModelPlan) -> String {
        var rows = [["layers", "\(plan.layers.count)"], ["hidden width", "\(plan.hidden)"]]
        if let layer = plan.layers.first {
            let heads = layer.attention
            rows.append([
                "attention", "\(heads.heads) query heads, \(heads.kvHeads) key/value heads of width \(heads.headDim)",
            ])
            if case .dense(let block) = layer.feedForward { rows.append(["feed-forward", "\(block.width)"]) }
        }
        rows += [
            ["vocabulary", "\(plan.vocabulary)"],
            ["output head", plan.head.isTied ? "tied to the embedding" : "its own"],
            ["context", "\(plan.contextLength) tokens"],
        ]
        if let rope = plan.layers.first?.attention.rotation {
            rows.append(["rope", "base \(rope.base), \(rope.dimensions) dimensions\(scaling(rope))"])
        }
        return TextTable(rows: rows).rendered()
    }

    private static func scaling(_ rope: RotarySpec) -> String {
        (rope.linearFactor == 1 ? "" : ", linear scaling by \(rope.linearFactor)")
            + (rope.frequencyFactors.isEmpty ? "" : ", llama3 scaling")
    }

    private static func memory(_ plan: ModelPlan, _ checkpoint: any Checkpoint) -> String {
        var rows = [["weights, repacked", Quantities.bytes(CPUDevice.packedBytes(plan, of: checkpoint))]]
        let contexts = [512, 2048, 8192, 32_768, 131_072].filter { $0 < plan.contextLength } + [plan.contextLength]
        for context in contexts {
            let sizes = KVType.allCases.map { type in
                let perToken = CPUDevice.kvBytesPerToken(plan, type)
                let (bytes, overflow) = context.multipliedReportingOverflow(by: perToken)
                return "\(overflow ? "more than can be addressed" : Quantities.bytes(bytes)) (\(type.rawValue))"
            }
            rows.append([
                "keys and values of \(Quantities.grouped(context)) tokens", sizes.joined(separator: ", "),
            ])
        }
        return TextTable(header: ["memory", ""], rows: rows).rendered()
    }

    private static func entries(_ file: GGUFFile) -> String {
        let rows = file.metadata.keys.map { key in
            [key, file.metadata.typeDescription(of: key) ?? "", file.metadata.description(of: key) ?? ""]
        }
        return TextTable(header: ["key", "type", "value"], rows: rows).rendered()
    }
}
