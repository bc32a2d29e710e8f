import CPUDevice
import ModelFiles
import Reporting

/// What `inspect` says of a GGUF file.
struct GGUFInspection {
    let text: String

    init(path: String, listsTensors: Bool, listsMetadata: Bool) throws {
        let file = try GGUFFile(path: path)
        var parts = [try Self.overview(file, path: path)]
        parts.append(TensorTables.types(file.tensors))
        if let model = try? ModelConfiguration(file) {
            parts.append(Self.shape(model))
            parts.append(Self.memory(file, model))
        } else {
            parts.append("Tideway cannot run it: \(Self.reason(file))")
        }
        if listsMetadata { parts.append(Self.entries(file)) }
        if listsTensors { parts.append(TensorTables.list(file.tensors)) }
        text = parts.joined(separator: "\n\n")
    }

    private static func reason(_ file: GGUFFile) -> String {
        do { _ = try ModelConfiguration(file) } catch { return "\(error)" }
        return ""
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
            rows.append(["chat template", vocabulary.chatTemplate == nil ? "none" : "yes"])
        }
        return TextTable(rows: rows).rendered()
    }

    private static func shape(_ model: ModelConfiguration) -> String {
        TextTable(rows: [
            ["layers", "\(model.layers)"],
            ["hidden width", "\(model.hidden)"],
            ["attention", "\(model.heads) query heads, \(model.kvHeads) key/value heads of width \(model.headDim)"],
            ["feed-forward", "\(model.feedForward)"],
            ["vocabulary", "\(model.vocabulary)"],
            ["output head", model.hasTiedHead ? "tied to the embedding" : "its own"],
            ["context", "\(model.contextLength) tokens"],
            ["rope", "base \(model.rope.base), \(model.rope.dimensions) dimensions\(scaling(model.rope))"],
        ]).rendered()
    }

    private static func scaling(_ rope: RotaryParameters) -> String {
        (rope.linearFactor == 1 ? "" : ", linear scaling by \(rope.linearFactor)")
            + (rope.frequencyFactors.isEmpty ? "" : ", llama3 scaling")
    }

    private static func memory(_ file: GGUFFile, _ model: ModelConfiguration) -> String {
        var rows = [["weights, repacked", Quantities.bytes(CPUDevice.packedBytes(file))]]
        let contexts = [512, 2048, 8192, 32_768, 131_072].filter { $0 < model.contextLength } + [model.contextLength]
        for context in contexts {
            let sizes = KVType.allCases.map { type in
                let perToken = CPUDevice.kvBytesPerToken(model, type)
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
