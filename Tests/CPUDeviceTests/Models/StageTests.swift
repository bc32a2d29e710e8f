import CPUDevice
import Scheduling
import StageDevices
import TestTools
import Testing
import TinyModels

/// A request's tokens depend on its prompt alone: not on what it was batched with, how its prompt was cut, on how many
/// stages and threads it ran, which blocks it had, or which kernels computed it.
@Suite("Stages of tiny models", .timeLimit(.minutes(30)))
struct StageTests {
    static let families = ["llama", "qwen2", "qwen3"]

    private func recipe(_ family: String) -> GGUFBuilder {
        var recipe = TinyModel()
        recipe.family = family
        if family == "qwen3" { recipe.headDim = 24 }
        if family == "qwen2" { (recipe.heads, recipe.kvHeads) = (8, 1) }
        return recipe.builder
    }

    private static func prompt(_ index: Int) -> [TokenID] {
        let length = [1, 5, 16, 17, 40, 70][index % 6]
        return (0..<length).map { TokenID(($0 * 37 + index * 91 + $0 * $0) % 200) }
    }

    /// The greedy answer of prompt `index`, alone in every batch.
    private func answer(_ stages: TinyStages, _ index: Int, chunk: Int = .max, count: Int = 12) throws -> [TokenID] {
        var sequence = TinySequence(request: 0, prompt: Self.prompt(index), blocks: Array(0..<6))
        while sequence.answer.count < count { sequence.accept(try stages.execute([sequence.slice(limit: chunk)])[0]) }
        return sequence.answer
    }

    @Test("answers differ from prompt to prompt, so that equal ones mean something", arguments: families)
    func distinct(family: String) throws {
        let stages = try TinyStages(recipe(family))
        let answers = try (0..<6).map { try answer(stages, $0) }
        #expect(Set(answers).count == 6)
        #expect(Set(answers.joined()).count > 12)
    }

    @Test("on 1 to 4 stages", arguments: families, [Precision.int8, .f32])
    func splits(family: String, precision: Precision) throws {
        let builder = recipe(family)
        let expected = try answer(TinyStages(builder, precision: precision), 4)
        for cuts in [[2], [1], [3], [1, 2], [2, 3], [1, 2, 3]] {
            #expect(try answer(TinyStages(builder, cuts: cuts, precision: precision), 4) == expected, "cut at \(cuts)")
        }
    }

    @Test("on stages that compute a layer of their neighbours now and then", arguments: families)
    func beyond(family: String) throws {
        let builder = recipe(family)
        let expected = try answer(TinyStages(builder), 4)
        for cuts in [[2], [1], [3], [1, 2], [2, 3], [1, 2, 3]] {
            let stages = try TinyStages(builder, cuts: cuts)
            var sequence = TinySequence(request: 0, prompt: Self.prompt(4), blocks: Array(0..<6))
            // Another border each step: what one stage left in the cache, the other finds.
            var step = 0
            while sequence.answer.count < 12 {
                sequence.accept(try stages.execute([sequence.slice(limit: 7)], beyond: [0, 1, -1, 2][step % 4])[0])
                step += 1
            }
            #expect(sequence.answer == expected, "cut at \(cuts)")
        }
    }

    @Test("on 1 to 3 threads a stage, prompts cut anywhere", arguments: families)
    func chunksAndThreads(family: String) throws {
        let builder = recipe(family)
        let one = try TinyStages(builder)
        for index in [3, 5] {
            let expected = try answer(one, index)
            for threads in 1...3 {
                let stages = try TinyStages(builder, cuts: [2], threads: threads)
                for chunk in [1, 3, 15, 16, 17, 64] {
                    #expect(
                        try answer(stages, index, chunk: chunk) == expected, "\(threads) threads, chunks of \(chunk)")
                }
            }
        }
    }

    @Test(
        "with portable and best kernels", .enabled(if: KernelSet.hasOthers, KernelSet.onlyPortable),
        arguments: families,
        [Precision.int8, .f32])
    func kernels(family: String, precision: Precision) throws {
        let builder = recipe(family)
        let portable = try TinyStages(builder, precision: precision, portable: true)
        let best = try TinyStages(builder, precision: precision)
        for index in 0..<6 { #expect(try answer(portable, index) == answer(best, index)) }
    }

    @Test("batched with any others, in any order, in any blocks", arguments: families, 1...3)
    func batches(family: String, seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed))
        let builder = recipe(family)
        let stages = try TinyStages(builder, cuts: [1, 3], threads: seed)
        let alone = try TinyStages(builder)
        let expected = try (0..<9).map { try answer(alone, $0) }
        // Blocks of all sequences lie mixed up in the pool.
        let blocks = (0..<BlockID(60)).shuffled(using: &random)
        var sequences = (0..<9).map { index in
            TinySequence(request: index, prompt: Self.prompt(index), blocks: Array(blocks[index * 6..<index * 6 + 6]))
        }
        var step = 0
        while sequences.contains(where: { $0.answer.count < 12 }) {
            let open = sequences.indices.filter { sequences[$0].answer.count < 12 }
            let chosen = open.shuffled(using: &random).prefix(Int.random(in: 1...9, using: &random))
            let slices = chosen.map { sequences[$0].slice(limit: Int.random(in: 1...40, using: &random)) }
            for (index, drawn) in zip(chosen, try stages.execute(slices, id: step)) { sequences[index].accept(drawn) }
            step += 1
        }
        for index in 0..<9 { #expect(Array(sequences[index].answer.prefix(12)) == expected[index], "prompt \(index)") }
    }

    @Test("computed again after its blocks were given to others")
    func recomputed() throws {
        let stages = try TinyStages(recipe("llama"), cuts: [2])
        let expected = try answer(stages, 4, count: 20)
        var sequence = TinySequence(request: 0, prompt: Self.prompt(4), blocks: Array(0..<6))
        for _ in 0..<8 { sequence.accept(try stages.execute([sequence.slice()])[0]) }
        _ = try answer(stages, 5)
        // The answer so far now belongs to the prompt, in the blocks that another sequence has used.
        var again = TinySequence(request: 0, prompt: sequence.tokens, blocks: Array((0..<6).reversed()))
        while again.answer.count < 12 { again.accept(try stages.execute([again.slice(limit: 13)])[0]) }
        #expect(sequence.answer + again.answer == expected)
    }

    @Test(
        "drawn at several rows of a slice as in as many steps, beside slices that draw once or never",
        arguments: families)
    func severalDraws(family: String) throws {
        let stages = try TinyStages(recipe(family), cuts: [2], threads: 2)
        for (index, isGreedy) in [(1, true), (4, true), (4, false)] {
            var sequence = TinySequence(request: 0, prompt: Self.prompt(index), blocks: Array(0..<6))
            if !isGreedy { sequence.parameters = .with { $0.seedKey = 5 } }
            while sequence.answer.count < 12 { sequence.accept(try stages.execute([sequence.slice()])[0]) }
            let prompt = sequence.prompt.count
            let points = (0..<12).map { generated in
                DrawPoint(
                    row: prompt - 1 + generated,
                    task: SamplingTask(parameters: sequence.parameters, generated: generated, history: []))
            }
            let known = SequenceSlice(
                request: 1, tokens: sequence.tokens.dropLast(), blocks: Array(6..<12), draws: points)
            // Every third row alone.
            let some = points.enumerated().filter { $0.offset % 3 == 2 }.map(\.element)
            let beside = SequenceSlice(
                request: 2, tokens: sequence.tokens.dropLast(), blocks: Array(12..<18), draws: some)
            var other = TinySequence(request: 3, prompt: Self.prompt(3), blocks: Array(18..<24))
            var silent = TinySequence(request: 4, prompt: Self.prompt(5), blocks: Array(24..<30))
            let drawn = try stages.execute([silent.slice(limit: 9), known, other.slice(), beside], id: index)
            let answer = sequence.answer
            #expect(drawn.map { $0.map(\.token) }[1] == answer)
            #expect(drawn[3].map(\.token) == answer.enumerated().filter { $0.offset % 3 == 2 }.map(\.element))
            #expect(drawn.map(\.count) == [0, 12, 1, 4])
            #expect(drawn[2].map(\.token) == Array(try self.answer(stages, 3, count: 1)))
        }
    }

    @Test("a slice that draws nothing gives nothing")
    func noSampling() throws {
        let stages = try TinyStages(recipe("llama"))
        var sequences = [3, 4].map { TinySequence(request: $0, prompt: Self.prompt($0), blocks: [BlockID($0), 7, 8]) }
        let slices = [sequences[0].slice(limit: 5), sequences[1].slice()]
        let drawn = try stages.execute(slices)
        #expect(drawn.map(\.count) == [0, 1])
    }

    @Test("costs are positive and the device counts its memory")
    func device() throws {
        let device = try CPUDevice(recipe("llama").checkpoint())
        #expect(device.bytesPerKVBlock == 4 * 16 * 2 * 32 * 2)
        #expect(CPUDevice.kvBytesPerToken(device.plan) * 16 == device.bytesPerKVBlock)
        #expect(device.weightBytes == 0)
        let costs = try device.measureCosts()
        #expect(costs.layer > 0 && costs.head > 0)
        let whole = LayerRange.whole(layers: 4, vocabulary: 200)
        _ = try device.load([whole], blocks: 1)
        #expect(device.weightBytes == CPUDevice.packedBytes(device.plan, of: try recipe("llama").checkpoint()))
        #expect(device.kernelName == KernelSet.best.name)
    }
}

extension SequenceSlice {
    /// A slice from the beginning of a sequence.
    fileprivate init(request: Int, tokens: ArraySlice<TokenID>, blocks: [BlockID], draws: [DrawPoint]) {
        self.init(
            request: RequestID(request), start: 0, tokens: TokenRun(Array(tokens)), blocks: blocks,
            draws: DrawPoints(draws))
    }
}
