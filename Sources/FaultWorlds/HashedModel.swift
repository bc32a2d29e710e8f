import Platform
import Scheduling
import Simulation

/// A model in miniature. The output of a stage for a token depends on the token, its position, and all entries of the
/// tokens before it in the stage's KV memory. So a wrong, stale or overwritten block, a missing token, and two confused
/// requests all change the tokens that are drawn.
package enum HashedModel {
    /// The input of the first stage for a token.
    static func embedding(_ token: TokenID, at position: Int) -> UInt64 {
        SeededRandom.mixed(UInt64(bitPattern: Int64(token)) &+ UInt64(bitPattern: Int64(position)) &* 0x9E37_79B9)
    }

    /// The entry of a token in the KV memory of a stage.
    static func entry(_ input: UInt64, stage: Int) -> UInt64 {
        SeededRandom.mixed(input &+ UInt64(stage) &* 0x1000_0001)
    }

    /// A stage's sum over its entries up to a token, from the sum up to the token before.
    static func folded(_ sum: UInt64, _ entry: UInt64) -> UInt64 { SeededRandom.mixed(sum &+ entry) }

    /// The output of a stage for a token.
    static func output(_ input: UInt64, _ sum: UInt64) -> UInt64 { SeededRandom.mixed(input ^ (sum &* 3)) }

    /// The next token, from the output of the last stage for the token before it.
    static func drawn(_ output: UInt64, generated: Int, key: UInt64, vocabulary: Int) -> TokenID {
        TokenID(SeededRandom.mixed(output ^ SeededRandom.mixed(key &+ UInt64(generated) &* 7)) % UInt64(vocabulary))
    }

    /// The whole answer to a request alone, without any cache: at most `limit` tokens, up to its stop token.
    package static func answer(to spec: RequestSpec, limit: Int, stages: Int, vocabulary: Int) -> [TokenID] {
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

    /// Overwrites all entries with noise.
    mutating func wipe(noise: UInt64) {
        for index in entries.indices { entries[index] = SeededRandom.mixed(noise &+ UInt64(index)) }
    }

    /// Computes the outputs of a slice from the outputs of the stage before.
    mutating func run(_ slice: SequenceSlice, _ inputs: ArraySlice<UInt64>) -> [UInt64] {
        var sum = sum(over: slice.start, slice.blocks)
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

    /// The sum over the entries of a sequence's first tokens.
    func sum(over tokens: Int, _ blocks: [BlockID]) -> UInt64 {
        (0..<tokens).reduce(0) { HashedModel.folded($0, entries[address($1, blocks)]) }
    }

    /// Stores an entry. Returns false if the blocks have no room for it.
    mutating func keep(_ entry: UInt64, at position: Int, _ blocks: [BlockID]) -> Bool {
        guard position < blocks.count * tokensPerBlock else { return false }
        entries[address(position, blocks)] = entry
        return true
    }

    private func address(_ position: Int, _ blocks: [BlockID]) -> Int {
        Int(blocks[position / tokensPerBlock]) * tokensPerBlock + position % tokensPerBlock
    }
}

/// The stages of a `HashedModel`, one behind the other, without links or time. The stages may draw several tokens
/// ahead, as in speculative decoding.
package struct HashedStages: Sendable {
    private let vocabulary: Int
    private var memories: [StageMemory]

    package init(_ configuration: EngineConfiguration, stages: Int, vocabulary: Int) {
        self.vocabulary = vocabulary
        memories = (0..<stages).map { StageMemory(stage: $0, configuration: configuration) }
    }

    /// Loses all that was computed.
    package mutating func wipe() {
        for stage in memories.indices { memories[stage].wipe(noise: 0xA5A5 &+ UInt64(stage)) }
    }

    /// Computes a micro-batch.
    /// - Parameters:
    ///   - depth: the tokens that a slice draws from its last row.
    ///   - keeps: whether the entries of tokens drawn ahead are kept, as far as the slice's blocks have room.
    /// - Returns: for each slice, its drawn tokens and the number of computed tokens of its sequence.
    package mutating func run(
        _ batch: MicroBatch, depth: Int = 1, keeps: Bool = false
    ) -> (tokens: [[SampledToken]], computedThrough: [Int]) {
        var tokens: [[SampledToken]] = []
        var computedThrough: [Int] = []
        for slice in batch.slices {
            var rows = slice.tokens.enumerated().map { HashedModel.embedding($1, at: slice.start + $0) }
            for stage in memories.indices { rows = memories[stage].run(slice, rows[...]) }
            var drawn = slice.draws.map { draw(rows[$0.row], $0.task, ahead: 0) }
            var computed = slice.start + slice.tokens.count
            if let last = slice.draws.last, depth > 1 {
                var sums = memories.map { $0.sum(over: computed, slice.blocks) }
                for (ahead, position) in (computed..<computed + depth - 1).enumerated() {
                    var row = HashedModel.embedding(drawn[drawn.count - 1].token, at: position)
                    var isKept = keeps && computed == position
                    for stage in memories.indices {
                        let entry = HashedModel.entry(row, stage: stage)
                        isKept = isKept && memories[stage].keep(entry, at: position, slice.blocks)
                        sums[stage] = HashedModel.folded(sums[stage], entry)
                        row = HashedModel.output(row, sums[stage])
                    }
                    computed += isKept ? 1 : 0
                    drawn.append(draw(row, last.task, ahead: ahead + 1))
                }
            }
            tokens.append(drawn)
            computedThrough.append(computed)
        }
        return (tokens, computedThrough)
    }

    private func draw(_ row: UInt64, _ task: SamplingTask, ahead: Int) -> SampledToken {
        SampledToken(
            HashedModel.drawn(
                row, generated: task.generated + ahead, key: task.parameters.seedKey, vocabulary: vocabulary))
    }
}
