import TinyModels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A BERT encoder by its definition, in f64 and plain Swift: one text at a time, row by row.
struct ReferenceEncoder {
    private let model: TinyEncoder
    private let epsilon: Double
    private let tensors: [String: [Double]]

    init(_ model: TinyEncoder, epsilon: Double) {
        self.model = model
        self.epsilon = epsilon
        var tensors: [String: [Double]] = [:]
        for tensor in model.tensors { tensors[tensor.name] = tensor.values.map(Double.init) }
        self.tensors = tensors
    }

    /// The mean of the last hidden states over the text's tokens.
    func embed(_ tokens: [Int32]) -> [Double] {
        let (words, places) = (table("word_embeddings"), table("position_embeddings"))
        let type = table("token_type_embeddings")[0]
        var rows = tokens.enumerated().map { place, token in
            norm(sum(sum(words[Int(token)], places[place]), type), "embeddings.LayerNorm")
        }
        for layer in 0..<model.layers {
            let name = "encoder.layer.\(layer)."
            let attended = attention(rows, name + "attention.self.")
            rows = zip(rows, attended).map { row, heads in
                norm(sum(row, linear(heads, name + "attention.output.dense")), name + "attention.output.LayerNorm")
            }
            rows = rows.map { row in
                let wide = linear(row, name + "intermediate.dense").map { $0 * 0.5 * (1 + erf($0 * 0.5.squareRoot())) }
                return norm(sum(row, linear(wide, name + "output.dense")), name + "output.LayerNorm")
            }
        }
        let total = rows.dropFirst().reduce(rows[0], sum)
        return total.map { $0 / Double(rows.count) }
    }

    private func attention(_ rows: [[Double]], _ name: String) -> [[Double]] {
        let parts = ["query", "key", "value"].map { part in rows.map { linear($0, name + part) } }
        let width = model.hidden / model.heads
        return rows.indices.map { row in
            (0..<model.heads).flatMap { head -> [Double] in
                let own = head * width..<(head + 1) * width
                let scores = parts[1].map { key in
                    own.reduce(0) { $0 + parts[0][row][$1] * key[$1] } / Double(width).squareRoot()
                }
                let highest = scores.max() ?? 0
                let weights = scores.map { exp($0 - highest) }
                let total = weights.reduce(0, +)
                return own.map { column in zip(weights, parts[2]).reduce(0) { $0 + $1.0 * $1.1[column] } / total }
            }
        }
    }

    private func linear(_ row: [Double], _ name: String) -> [Double] {
        let (weight, bias) = (tensor(name + ".weight"), tensor(name + ".bias"))
        return bias.indices.map { out in
            row.indices.reduce(bias[out]) { $0 + row[$1] * weight[out * row.count + $1] }
        }
    }

    private func norm(_ row: [Double], _ name: String) -> [Double] {
        let (weight, bias) = (tensor(name + ".weight"), tensor(name + ".bias"))
        let mean = row.reduce(0, +) / Double(row.count)
        let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
        return row.indices.map { (row[$0] - mean) / (variance + epsilon).squareRoot() * weight[$0] + bias[$0] }
    }

    private func table(_ name: String) -> [[Double]] {
        let values = tensor("embeddings.\(name).weight")
        return stride(from: 0, to: values.count, by: model.hidden).map { Array(values[$0..<$0 + model.hidden]) }
    }

    private func tensor(_ name: String) -> [Double] { tensors[model.prefix + name] ?? [] }

    private func sum(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 + $1 } }
}

/// The cosine of the angle between two vectors.
func cosine(_ a: [Double], _ b: [Double]) -> Double {
    func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    return product(a, b) / (product(a, a) * product(b, b)).squareRoot()
}
