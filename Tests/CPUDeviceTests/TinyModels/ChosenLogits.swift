/// A model without a use but one: after token i, its logits are row i of a given table, to the bit.
///
/// Its hidden width is 16 and only its embedding and its head are meant to be loaded: token i becomes the unit vector
/// i, the norm leaves it as it is, and column i of the head holds the logits. Infinite logits take a table of one
/// row, since infinity times the zeros of the other unit vectors is not a number.
public enum ChosenLogits {
    /// The most rows of a table.
    public static let rowLimit = 16

    /// - Parameter rows: at most 16 rows of equally many logits, at least as many logits as rows.
    public static func model(_ rows: [[Float]]) -> GGUFBuilder {
        precondition(!rows.isEmpty && rows.count <= rowLimit && rows.count <= rows[0].count)
        let (width, vocabulary) = (rowLimit, rows[0].count)
        var recipe = TinyModel()
        recipe.layers = 1
        (recipe.hidden, recipe.heads, recipe.kvHeads) = (width, 1, 1)
        (recipe.feedForward, recipe.types) = (16, [.f32])
        recipe.vocabulary = 2
        var out = recipe.builder
        out["llama.attention.layer_norm_rms_epsilon"] = .float(0)
        var embedding = [Float](repeating: 0, count: vocabulary * width)
        var head = embedding
        for (token, row) in rows.enumerated() {
            // The root mean square of 4 among 15 zeros is 1.
            embedding[token * width + token] = 4
            for (index, logit) in row.enumerated() { head[index * width + token] = logit }
        }
        out[tensor: "token_embd.weight"] = .init(shape: [width, vocabulary], floats: embedding)
        out[tensor: "output_norm.weight"] = .init(
            shape: [width], floats: [Float](repeating: 0.25, count: width))
        out[tensor: "output.weight"] = .init(shape: [width, vocabulary], floats: head)
        return out
    }
}
