import CPUDevice
import Platform
import Scheduling
import StageDevices

/// A model that hashes: what `ShuffledDevice` computes, and, computed here in plain arrays, what it is compared with.
struct ShuffledModel: Sendable {
    let sizes = ModelSizes(layers: 6, vocabulary: 101, contextLength: 256)

    /// A row of activations, or what a layer keeps of a position.
    struct Row: Hashable {
        var words: [UInt32]
        static let width = 3
    }

    func embed(_ token: TokenID) -> Row { hash(UInt64(token)) }

    /// What a layer keeps of a row.
    func entry(_ row: Row, layer: Int) -> Row { hash(fold(row) ^ UInt64(layer) << 40) }

    /// A row after a layer.
    /// - Parameter entry: what the layer kept of a position up to the row's own.
    func next(_ row: Row, layer: Int, position: Int, entry: (Int) -> Row) -> Row {
        var sum = fold(row) &+ UInt64(layer) &+ UInt64(position) << 20
        for earlier in [position, max(0, position - 1), position / 2, position / 3, 0] {
            sum = CounterRandom.mix(sum ^ fold(entry(earlier)))
        }
        return hash(sum)
    }

    /// Draws from a row behind the last layer. The seed, the place in the answer and the history all change the draw.
    func draw(_ row: Row, _ task: SamplingTask) -> TokenID {
        let parameters = task.parameters
        let isRandom = parameters.temperature > 0
        let key = fold(row) ^ (isRandom ? CounterRandom.mix(parameters.seedKey &+ UInt64(task.generated)) : 0)
        let seen = parameters.repetitionPenalty != 1 ? Set(task.history) : []
        let logits = (0..<sizes.vocabulary).map { token in
            CounterRandom.mix(key &+ UInt64(token)) >> (seen.contains(TokenID(token)) ? 40 : 32)
        }
        return TokenID(logits.indices.max { (logits[$0], $1) < (logits[$1], $0) }!)
    }

    /// What a request is answered with nothing beside it.
    func answer(to spec: RequestSpec) -> [TokenID] {
        var tokens = spec.prompt
        var entries = [[Row]](repeating: [], count: sizes.layers)
        while true {
            var row = Row(words: [])
            for position in entries[0].count..<tokens.count {
                row = embed(tokens[position])
                for layer in 0..<sizes.layers {
                    entries[layer].append(entry(row, layer: layer))
                    row = next(row, layer: layer, position: position) { entries[layer][$0] }
                }
            }
            let generated = tokens.count - spec.prompt.count
            if generated == spec.maxNewTokens { return Array(tokens.dropFirst(spec.prompt.count)) }
            tokens.append(
                draw(row, SamplingTask(parameters: spec.sampling, generated: generated, history: tokens)))
        }
    }

    private func fold(_ row: Row) -> UInt64 {
        row.words.reduce(0) { CounterRandom.mix($0 ^ UInt64($1)) }
    }

    private func hash(_ value: UInt64) -> Row {
        Row(words: (0..<UInt64(Row.width)).map { UInt32(truncatingIfNeeded: CounterRandom.mix(value &+ $0 << 56)) })
    }
}
