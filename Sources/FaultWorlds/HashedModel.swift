import Platform
import Scheduling
import Simulation

/// A model in miniature. What a stage hands on of a token depends on the token, its position, and everything that the
/// stage holds in its KV memory of the tokens before it. So a wrong, stale or overwritten block, a token left out and
/// two requests mixed up all change the tokens that are drawn.
enum HashedModel {
    /// What the first stage is given of a token.
    static func embedding(_ token: TokenID, at position: Int) -> UInt64 {
        SeededRandom.mixed(UInt64(bitPattern: Int64(token)) &+ UInt64(bitPattern: Int64(position)) &* 0x9E37_79B9)
    }

    /// What a stage keeps of a token.
    static func entry(_ input: UInt64, stage: Int) -> UInt64 {
        SeededRandom.mixed(input &+ UInt64(stage) &* 0x1000_0001)
    }

    /// A stage's sum over its entries up to a token, from that up to the token before it.
    static func folded(_ sum: UInt64, _ entry: UInt64) -> UInt64 { SeededRandom.mixed(sum &+ entry) }

    /// What a stage hands on of a token.
    static func output(_ input: UInt64, _ sum: UInt64) -> UInt64 { SeededRandom.mixed(input ^ (sum &* 3)) }

    /// The next token, from what the last stage hands on of the token before it.
    static func drawn(_ output: UInt64, generated: Int, key: UInt64, vocabulary: Int) -> TokenID {
        TokenID(SeededRandom.mixed(output ^ SeededRandom.mixed(key &+ UInt64(generated) &* 7)) % UInt64(vocabulary))
    }

    /// The whole answer to a request alone, without any cache: at most `limit` tokens, up to its stop token.
    static func answer(to spec: RequestSpec, limit: Int, stages: Int, vocabulary: Int) -> [TokenID] {
        var sums = [UInt64](repeating: 0, count: stages)
        var last: UInt64 = 0
        func read(_ token: TokenID, at position: Int) {
            last = embedding(token, at: position)
            for stage in 0..<stages {
                sums[stage] = folded(sums[stage], entry(last, stage: stage))
                last = output(last, sums[stage])
            }
        }
        for (position, token) in spec.prompt.enumerated() { read(token, at: position) }
        var answer: [TokenID] = []
        while answer.count < limit {
            let token = drawn(
                last, generated: answer.count, key: spec.sampling.seedKey, vocabulary: vocabulary)
            answer.append(token)
            if answer.count >= spec.sampling.minTokens && spec.stopTokens.contains(token) { break }
            read(token, at: spec.prompt.count + answer.count - 1)
        }
        return answer
    }
}

/// A stage's share of the KV blocks.
struct StageMemory: Sendable {
    private let stage: Int
    private let tokensPerBlock: Int
    private var entries: [UInt64]

    init(stage: Int, configuration: EngineConfiguration) {
        self.stage = stage
        tokensPerBlock = configuration.tokensPerBlock
        entries = [UInt64](repeating: 0, count: configuration.poolTokens)
    }

    /// Forgets everything: what is left is noise.
    mutating func wipe(noise: UInt64) {
        for index in entries.indices { entries[index] = SeededRandom.mixed(noise &+ UInt64(index)) }
    }

    /// Computes a slice from what the stage before handed on of its tokens; returns what it hands on itself.
    mutating func run(_ slice: SequenceSlice, _ inputs: ArraySlice<UInt64>) -> [UInt64] {
        var sum: UInt64 = 0
        for position in 0..<slice.start { sum = HashedModel.folded(sum, entries[address(position, slice.blocks)]) }
        var outputs: [UInt64] = []
        outputs.reserveCapacity(inputs.count)
        for (offset, input) in inputs.enumerated() {
            let entry = HashedModel.entry(input, stage: stage)
            entries[address(slice.start + offset, slice.blocks)] = entry
            sum = HashedModel.folded(sum, entry)
            outputs.append(HashedModel.output(input, sum))
        }
        return outputs
    }

    private func address(_ position: Int, _ blocks: [BlockID]) -> Int {
        Int(blocks[position / tokensPerBlock]) * tokensPerBlock + position % tokensPerBlock
    }
}
