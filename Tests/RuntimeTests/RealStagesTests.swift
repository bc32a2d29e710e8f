import CPUDevice
import Runtime
import Scheduling
import StageDevices
import Testing
import TinyModels

/// The promise of the whole engine on real arithmetic: a request's tokens are the same, bit for bit, whatever else ran.
@Suite("Tiny models in the pipeline", .timeLimit(.minutes(30)))
struct RealStagesTests {
    private static let vocabulary = 200

    private func answers(_ bench: Bench, _ requests: [RequestSpec]) throws -> [[SampledAnswer]] {
        let client = LogprobClient()
        let (driver, core) = try bench.prepare()
        driver.submit(requests.map { Submission($0, to: client) })
        driver.finish()
        let report = try driver.run(core)
        // A virtual engine's part of the small pool may hold a single request, which nothing preempts.
        if bench.blocks < 20, !bench.policy.hasPrefix("virtual") {
            #expect(report.counters.preemptions > 0, "the small pool preempted nothing under \(bench.policy)")
        }
        return requests.map { client.answers[$0.id] ?? [] }
    }

    @Test(
        "tokens and log-probabilities for stages, threads, policies, chunks and pools",
        arguments: [("llama", KVType.f16), ("qwen3", .f16), ("llama", .q8)])
    func settings(family: String, kvType: KVType) throws {
        var recipe = TinyModel()
        recipe.family = family
        let checkpoint = try recipe.checkpoint()
        var requests = RequestSpec.samples(24, vocabulary: Self.vocabulary, longestPrompt: 50, longestAnswer: 40)
        for index in requests.indices { requests[index].sampling.topLogprobs = 2 }
        let alone = try requests.flatMap { request in
            try answers(Bench(device: CPUDevice(checkpoint, kvType: kvType), chunk: 512, maxSequences: 1), [request])
        }
        #expect(zip(alone, requests).allSatisfy { $0.count == $1.maxNewTokens })
        #expect(Set(alone.flatMap { $0.map(\.token) }).count > 30)
        let devices = try (1...2).map { try CPUDevice(checkpoint, kvType: kvType, threads: $0) }
        for policy in PolicyCatalogue.names {
            for stages in 1...4 {
                for (chunk, blocks, threads) in [(512, 64, 1), (13, 64, 2), (40, 14, 1)] {
                    let bench = Bench(
                        device: devices[threads - 1], stages: stages, policy: policy, chunk: chunk, blocks: blocks)
                    let setting: Comment = "\(policy), \(stages) stages, chunks of \(chunk), \(blocks) blocks"
                    #expect(try answers(bench, requests) == alone, setting)
                }
            }
        }
    }

    /// Every way to draw that a request can ask for.
    private static let settings: [SamplingParameters] = {
        var settings: [SamplingParameters] = []
        func add(_ change: (inout SamplingParameters) -> Void) {
            var parameters = SamplingParameters.greedy
            change(&parameters)
            settings.append(parameters)
        }
        for seed: UInt64 in 0..<4 {
            add { _ in }
            add { ($0.temperature, $0.seedKey) = (1.1, seed) }
            add { ($0.temperature, $0.seedKey, $0.topK, $0.topP, $0.minP) = (1.4, seed, 30, 0.9, 0.001) }
            add { ($0.temperature, $0.seedKey, $0.repetitionPenalty) = (0.7, seed, 1.3) }
        }
        add { ($0.presencePenalty, $0.frequencyPenalty) = (0.5, 0.2) }
        add { $0.topLogprobs = 3 }
        add { ($0.temperature, $0.topLogprobs) = (1, 1) }
        add { $0.logitBias = (0..<200).map { LogitBias(token: $0, bias: $0 % 7 == 0 ? 2 : 0) } }
        add { ($0.minTokens, $0.suppressedUntilMinimum) = (8, (0..<200).filter { $0 % 2 == 0 }) }
        return settings
    }()

    @Test("every way to draw, on even, uneven and empty shares of the output head", arguments: 1...4)
    func draws(stages: Int) throws {
        var recipe = TinyModel()
        recipe.layers = 5
        let checkpoint = try recipe.checkpoint()
        // Enough rows that wait for all logits for several groups of them.
        let requests = (0..<70).map { index in
            RequestSpec(
                id: RequestID(index), prompt: (0...index % 9).map { TokenID(($0 * 31 + index * 17) % 200) },
                maxNewTokens: 12, sampling: Self.settings[index % Self.settings.count])
        }
        let expected = try answers(
            Bench(device: CPUDevice(checkpoint), chunk: 512, blocks: 100, maxSequences: 1), requests)
        #expect(Set(expected).count > 50)
        for costs in [(1, 3), (1, 0), (0, 1), (1, 0.1), (1, 20)] as [(Double, Double)] {
            for (threads, policy) in [(1, "hybrid"), (2, "separate")] {
                let device = CostedDevice(
                    device: try CPUDevice(checkpoint, threads: threads),
                    costs: StageCosts(layer: costs.0, head: costs.1))
                let bench = Bench(
                    device: device, stages: stages, policy: policy, blocks: 100, maxSequences: 70)
                #expect(try answers(bench, requests) == expected, "\(costs), \(threads) threads, \(policy)")
            }
        }
    }

    @Test("stages that do not share their work", arguments: PolicyCatalogue.names)
    func separate(policy: String) throws {
        let checkpoint = try TinyModel().checkpoint()
        let requests = (0..<24).map { index in
            RequestSpec(
                id: RequestID(index), prompt: (0...index).map { TokenID(($0 * 31 + index * 17) % 200) },
                maxNewTokens: 20, sampling: Self.settings[index % Self.settings.count])
        }
        let device = try CPUDevice(checkpoint)
        let shared = try answers(Bench(device: device, stages: 3, policy: policy), requests)
        for stages in 1...4 {
            let bench = Bench(device: SeparateDevice(device: device), stages: stages, policy: policy, blocks: 14)
            #expect(try answers(bench, requests) == shared, "\(stages) stages")
        }
    }

    @Test("with portable kernels")
    func portable() throws {
        let checkpoint = try TinyModel().checkpoint()
        let requests = RequestSpec.samples(12, vocabulary: Self.vocabulary)
        let both = try [true, false].map {
            try answers(Bench(device: CPUDevice(checkpoint, portableKernels: $0), stages: 3), requests)
        }
        #expect(both[0] == both[1])
    }
}

/// A device that claims other costs, to share the model out otherwise.
private struct CostedDevice: SharingDevice {
    let device: CPUDevice
    let costs: StageCosts
    var kernelName: String { device.kernelName }
    var sizes: ModelSizes { device.sizes }
    var vocabularyUnit: Int { device.vocabularyUnit }
    var tokensPerKVBlock: Int { device.tokensPerKVBlock }
    var bytesPerKVBlock: Int { device.bytesPerKVBlock }
    var weightBytes: Int { device.weightBytes }
    func measureCosts() -> StageCosts { costs }
    func loadSharing(_ ranges: [LayerRange], blocks: Int) throws -> [any SharingExecutor] {
        try device.loadSharing(ranges, blocks: blocks)
    }
}

/// The same stages, on a device that does not tell that they could share work.
private struct SeparateDevice: StageDevice {
    let device: CPUDevice
    var kernelName: String { device.kernelName }
    var sizes: ModelSizes { device.sizes }
    var tokensPerKVBlock: Int { device.tokensPerKVBlock }
    var bytesPerKVBlock: Int { device.bytesPerKVBlock }
    var weightBytes: Int { device.weightBytes }
    func measureCosts() throws -> StageCosts { StageCosts(layer: 1, head: 1.5) }
    func load(_ ranges: [LayerRange], blocks: Int) throws -> [any StageExecutor] {
        try device.load(ranges, blocks: blocks)
    }
}

/// A token with its log-probabilities to the bit.
struct SampledAnswer: Hashable {
    let token: TokenID
    let logprob: UInt32?
    let top: [TokenLogprob]
}

/// Keeps all of what was drawn.
private final class LogprobClient: AnswerSink, @unchecked Sendable {
    // Unchecked: the thread of the run alone uses it until the run has ended.
    private(set) var answers: [RequestID: [SampledAnswer]] = [:]

    func emitted(_ request: RequestID, _ tokens: [SampledToken]) -> Bool {
        answers[request, default: []] += tokens.map {
            SampledAnswer(token: $0.token, logprob: $0.logprob?.bitPattern, top: $0.top)
        }
        return true
    }

    func ended(_ request: RequestID, _ end: RequestEnd) {}
}
