import CPUDevice
import Platform
import Scheduling
import Testing
import TinyModels

@Suite("Loading the weights of a plan", .timeLimit(.minutes(10)))
struct LoadingTests {
    private func builder(_ family: String, tied: Bool = false) -> GGUFBuilder {
        var recipe = TinyModel()
        recipe.family = family
        if family == "qwen3" { recipe.headDim = 24 }
        var builder = recipe.builder
        if tied { builder[tensor: "output.weight"] = nil }
        return builder
    }

    private static func answer(_ stages: TinyStages) throws -> [TokenID] {
        var sequence = TinySequence(request: 0, prompt: [5, 99, 140, 3], blocks: [0, 1])
        while sequence.answer.count < 20 { sequence.accept(try stages.execute([sequence.slice()])[0]) }
        return sequence.answer
    }

    @Test("the estimate is what is packed", arguments: ["llama", "qwen2", "qwen3"], [false, true])
    func estimate(family: String, tied: Bool) throws {
        var builder = builder(family, tied: tied)
        let pairs = family == "qwen3" ? 12 : 8
        builder[tensor: "rope_freqs.weight"] = .init(shape: [pairs], floats: .init(repeating: 2, count: pairs))
        let checkpoint = try builder.checkpoint()
        let device = try CPUDevice(checkpoint)
        _ = try device.load([.whole(layers: 4, vocabulary: 200)], blocks: 1)
        #expect(device.weightBytes == CPUDevice.packedBytes(device.plan, of: checkpoint))
    }

    /// Without a lock around the store, threads pack a tensor twice, lose one in its dictionaries, or crash.
    @Test("by several threads at the same time: each tensor is packed once, and answers stay the same")
    func concurrent() throws {
        let builder = builder("qwen2")
        let expected = try Self.answer(TinyStages(builder))
        for _ in 0..<40 {
            let checkpoint = try builder.checkpoint()
            let device = try CPUDevice(checkpoint, loadThreads: 2)
            let answers = Guarded<[[TokenID]?]>([])
            let threads = try (0..<4).map { index in
                try JoinableThread {
                    // Other cuts, so that threads ask for other shares of the head.
                    let answer = try? Self.answer(TinyStages(on: device, cuts: [[], [2], [1, 3], [3]][index]))
                    answers.withLock { $0.append(answer) }
                }
            }
            for thread in threads { thread.join() }
            #expect(answers.withLock { $0 } == [[TokenID]?](repeating: expected, count: 4))
            // Once everything is there, nothing more is packed.
            let bytes = device.weightBytes
            for cuts in [[], [2], [1, 3], [3]] { _ = try TinyStages(on: device, cuts: cuts) }
            #expect(device.weightBytes == bytes)
            let whole = try CPUDevice(checkpoint)
            _ = try TinyStages(on: whole)
            // Shares of the head that were packed before the whole one stand beside it.
            #expect(bytes >= whole.weightBytes && bytes <= whole.weightBytes + 3 * 13 * 16 * (64 + 2 * 2))
        }
    }

    @Test("a device with other teams shares the weights: nothing is packed again, and answers stay the same")
    func shared() throws {
        let device = try CPUDevice(builder("llama").checkpoint(), threads: 2)
        let expected = try Self.answer(TinyStages(on: device))
        let bytes = device.weightBytes
        let other = CPUDevice(sharingWeightsOf: device, threads: 1)
        #expect(try Self.answer(TinyStages(on: other)) == expected)
        #expect(bytes > 0 && device.weightBytes == bytes && other.weightBytes == bytes)
    }

    @Test("by several threads with the same stages: bytes are counted once")
    func counted() throws {
        for _ in 0..<100 {
            let checkpoint = try builder("llama").checkpoint()
            let device = try CPUDevice(checkpoint, loadThreads: 2)
            let threads = try (0..<4).map { _ in try JoinableThread { _ = try? TinyStages(on: device) } }
            for thread in threads { thread.join() }
            #expect(device.weightBytes == CPUDevice.packedBytes(device.plan, of: checkpoint))
        }
    }
}
