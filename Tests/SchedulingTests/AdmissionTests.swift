import Scheduling
import Testing

@Suite struct AdmissionTests {
    private func refusal(prompt: Int, max: Int?) -> AdmissionError? {
        // 8 blocks of 16 tokens under a context of 200.
        var bench = Bench("hybrid", tokensPerBlock: 16, blocks: 8, context: 200)
        bench.arrive(4, prompt: prompt, max: max)
        for case .reject(RequestID(4), let error) in bench.answers() { return error }
        return nil
    }

    @Test func anEmptyPrompt() {
        let error = refusal(prompt: 0, max: 1)
        #expect(error?.code == .emptyPrompt)
        #expect(error?.message == "the prompt has 0 tokens; at least 1 is needed")
    }

    @Test(arguments: [0, -3, Int.min])
    func noTokensAskedFor(max: Int) {
        let error = refusal(prompt: 5, max: max)
        #expect(error?.code == .invalidMaxTokens)
        #expect(error?.message == "max_tokens is \(max); at least 1 is needed")
    }

    @Test func moreThanTheContext() {
        let error = refusal(prompt: 150, max: 51)
        #expect(error?.code == .contextLengthExceeded)
        #expect(
            error?.message == "the prompt has 150 tokens and max_tokens is 51, together more than the model's context "
                + "length of 200 tokens")
        #expect(refusal(prompt: 5, max: .max)?.code == .contextLengthExceeded)
        #expect(refusal(prompt: 201, max: 1)?.code == .contextLengthExceeded)
        #expect(
            refusal(prompt: 200, max: nil)?.message == "the prompt has 200 tokens and its answer at least 1, together "
                + "more than the model's context length of 200 tokens")
    }

    @Test func moreThanThePool() {
        let error = refusal(prompt: 100, max: 30)
        #expect(error?.code == .kvPoolExceeded)
        #expect(
            error?.message == "the prompt has 100 tokens and max_tokens is 30, together more than the KV pool of 128 "
                + "tokens (8 blocks of 16)")
        // The last token's keys and values are never needed.
        #expect(refusal(prompt: 100, max: 29) == nil)
        #expect(refusal(prompt: 128, max: 1) == nil)
        #expect(refusal(prompt: 129, max: nil)?.code == .kvPoolExceeded)
    }

    @Test func aRefusalLeavesTheOthersAlone() throws {
        var bench = Bench("hybrid", blocks: 10)
        bench.arrive(0, prompt: 2, max: 1)
        bench.arrive(1, prompt: 20, max: 1)
        bench.arrive(2, prompt: 3, max: 1)
        #expect(bench.core.liveRequests == 2)
        #expect(bench.schedule() == [[Share(0, 0..<2), Share(2, 0..<3)]])
        try bench.core.checkIntegrity()
    }
}

@Suite struct EngineConfigurationTests {
    @Test func blocksAreCountedUpwards() {
        let configuration = EngineConfiguration(stages: 3, tokensPerBlock: 16, blockCount: 10, contextLength: 99)
        let counts = [0, 1, 15, 16, 17, 32, 33].map { configuration.blocks(forTokens: $0) }
        #expect(counts == [0, 1, 1, 1, 2, 2, 3])
        #expect(configuration.poolTokens == 160)
    }

    @Test func promptsMayBeIssuedFourDeepUnlessSaidOtherwise() {
        var configuration = EngineConfiguration(stages: 3, tokensPerBlock: 16, blockCount: 10, contextLength: 99)
        #expect(configuration.prefillWindow == 12)
        configuration = EngineConfiguration(
            stages: 3, tokensPerBlock: 16, blockCount: 10, contextLength: 99, prefillWindow: 3)
        #expect(configuration.prefillWindow == 3)
    }

    @Test func policiesAreFoundByTheNamesTheyBear() {
        for name in PolicyCatalogue.names { #expect(PolicyCatalogue.policy(named: name)?.name == name) }
        #expect(PolicyCatalogue.names.contains(PolicyCatalogue.defaultName))
        #expect(PolicyCatalogue.policy(named: "Hybrid") == nil)
    }
}
