import Scheduling
import TestTools

/// A model in miniature, with paged KV memory: an entry depends on its token, its position and earlier entries, and
/// the next token depends on all entries that the block table leads to. A wrong slice, position or block, a token left
/// out or computed twice, or a block overwritten too early changes the answer.
struct FakeModel {
    private let tokensPerBlock: Int
    private let vocabulary: Int
    private var memory: [UInt64]

    init(configuration: EngineConfiguration, vocabulary: Int) {
        tokensPerBlock = configuration.tokensPerBlock
        self.vocabulary = vocabulary
        memory = [UInt64](repeating: 0, count: configuration.blockCount * tokensPerBlock)
    }

    /// Nothing of what was computed is left.
    mutating func wipe() {
        for index in memory.indices { memory[index] = mixed(memory[index] ^ 0xA5A5) }
    }

    /// Computes a micro-batch. A slice with a sampling task draws `depth` tokens, as a stage that speculates would.
    mutating func run(_ batch: MicroBatch, depth: Int) -> [[SampledToken]] {
        batch.slices.map { slice in
            for (offset, token) in slice.tokens.enumerated() {
                let position = slice.start + offset
                let previous = position == 0 ? 0 : memory[address(position - 1, in: slice)]
                let middle = position == 0 ? 0 : memory[address(position / 2, in: slice)]
                memory[address(position, in: slice)] = Self.entry(token, position, previous, middle)
            }
            guard let task = slice.sampling else { return [] }
            var reader = Continuation(vocabulary: vocabulary, parameters: task.parameters, generated: task.generated)
            let end = slice.start + slice.tokens.count
            for position in 0..<end { reader.append(memory[address(position, in: slice)]) }
            return (0..<depth).map { _ in SampledToken(reader.draw()) }
        }
    }

    private func address(_ position: Int, in slice: SequenceSlice) -> Int {
        Int(slice.blocks[position / tokensPerBlock]) * tokensPerBlock + position % tokensPerBlock
    }

    /// What a request answers with nothing beside it and no cache at all: the oracle.
    static func answer(to spec: RequestSpec, limit: Int, vocabulary: Int) -> [TokenID] {
        var reader = Continuation(vocabulary: vocabulary, parameters: spec.sampling, generated: 0)
        for token in spec.prompt { reader.append(token: token) }
        var answer: [TokenID] = []
        while answer.count < limit {
            let token = reader.draw()
            answer.append(token)
            if answer.count >= spec.sampling.minTokens && spec.stopTokens.contains(token) { break }
        }
        return answer
    }

    fileprivate static func entry(_ token: TokenID, _ position: Int, _ previous: UInt64, _ middle: UInt64) -> UInt64 {
        mixed(mixed(UInt64(bitPattern: Int64(token)) &+ previous) ^ mixed(UInt64(position) &+ middle &* 3))
    }
}

/// Goes over a sequence's entries in order and draws what follows.
private struct Continuation {
    let vocabulary: Int
    let parameters: SamplingParameters
    var generated: Int
    private var entries: [UInt64] = []
    private var fold: UInt64 = 0

    init(vocabulary: Int, parameters: SamplingParameters, generated: Int) {
        self.vocabulary = vocabulary
        self.parameters = parameters
        self.generated = generated
    }

    mutating func append(_ entry: UInt64) {
        entries.append(entry)
        fold = mixed(fold &+ entry)
    }

    mutating func append(token: TokenID) {
        let position = entries.count
        let previous = entries.last ?? 0
        append(FakeModel.entry(token, position, previous, position == 0 ? 0 : entries[position / 2]))
    }

    /// The next token; it then counts as read.
    mutating func draw() -> TokenID {
        let drawn = mixed(fold ^ mixed(parameters.seedKey &+ UInt64(generated) &* 7)) % UInt64(vocabulary)
        generated += 1
        append(token: TokenID(drawn))
        return TokenID(drawn)
    }
}
