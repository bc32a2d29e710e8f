import Runtime
import Scheduling
import Testing
import TinyModels
import Transformer

/// The promise of the whole engine on real arithmetic: a request's tokens are the same, bit for bit, whatever else ran.
@Suite("Tiny models in the pipeline", .timeLimit(.minutes(2)))
struct RealStagesTests {
    private static let vocabulary = 200

    private func answers(_ bench: Bench, _ requests: [RequestSpec]) throws -> [[SampledAnswer]] {
        let client = LogprobClient(requests)
        let (driver, core) = try bench.prepare()
        let report = try driver.run(core, client: client)
        if bench.blocks < 20 { #expect(report.counters.preemptions > 0, "the small pool preempted nothing") }
        return requests.map { client.answers[$0.id] ?? [] }
    }

    @Test(
        "tokens and log-probabilities for stages, threads, policies, chunks and pools", arguments: ["llama", "qwen3"])
    func settings(family: String) throws {
        var recipe = TinyModel()
        recipe.family = family
        let file = try recipe.file()
        var requests = RequestSpec.samples(24, vocabulary: Self.vocabulary, longestPrompt: 50, longestAnswer: 40)
        for index in requests.indices { requests[index].sampling.topLogprobs = 2 }
        let alone = try requests.flatMap { request in
            try answers(Bench(device: CPUDevice(file), chunk: 512, maxSequences: 1), [request])
        }
        #expect(zip(alone, requests).allSatisfy { $0.count == $1.maxNewTokens })
        #expect(Set(alone.flatMap { $0.map(\.token) }).count > 30)
        let device = try CPUDevice(file)
        for policy in PolicyCatalogue.names {
            for stages in 1...4 {
                for (chunk, blocks, threads) in [(512, 64, 1), (13, 64, 2), (40, 14, 1)] {
                    let bench = Bench(
                        device: device, stages: stages, threads: threads, policy: policy, chunk: chunk, blocks: blocks)
                    let setting: Comment = "\(policy), \(stages) stages, chunks of \(chunk), \(blocks) blocks"
                    #expect(try answers(bench, requests) == alone, setting)
                }
            }
        }
    }

    @Test("with portable kernels")
    func portable() throws {
        let file = try TinyModel().file()
        let requests = RequestSpec.samples(12, vocabulary: Self.vocabulary)
        let both = try [true, false].map {
            try answers(Bench(device: CPUDevice(file, portableKernels: $0), stages: 3), requests)
        }
        #expect(both[0] == both[1])
    }
}

/// A token with its log-probabilities to the bit.
struct SampledAnswer: Hashable {
    let token: TokenID
    let logprob: UInt32?
    let top: [TokenLogprob]
}

/// Keeps all of what was drawn.
private final class LogprobClient: EngineClient {
    private var requests: ArraySlice<RequestSpec>
    private(set) var answers: [RequestID: [SampledAnswer]] = [:]

    init(_ requests: [RequestSpec]) { self.requests = requests[...] }

    func nextRequest() -> RequestSpec? { requests.popFirst() }
    func emitted(_ request: RequestID, _ tokens: [SampledToken]) -> Bool {
        answers[request, default: []] += tokens.map {
            SampledAnswer(token: $0.token, logprob: $0.logprob?.bitPattern, top: $0.top)
        }
        return true
    }
    func finished(_ request: RequestID, _ reason: FinishReason) {}
    func rejected(_ request: RequestID, _ error: AdmissionError) {}
    func reported(_ step: StepRecord) {}
}
