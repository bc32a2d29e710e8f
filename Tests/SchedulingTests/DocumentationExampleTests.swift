import Scheduling
import Testing

/// The example of the module's documentation, held to it by ArchitectureTests.
@Suite struct DocumentationExampleTests {
    @Test func theExampleDispatchesAMicroBatch() {
        let configuration = EngineConfiguration(stages: 2, tokensPerBlock: 16, blockCount: 1024, contextLength: 2048)
        var core = EngineCore(configuration: configuration, policy: HybridPolicy())
        var actions: [EngineAction] = []
        let request = RequestSpec(id: RequestID(0), prompt: [1, 2, 3], maxNewTokens: 8)
        core.handle(.arrived(request), at: .zero, into: &actions)
        core.handle(.schedule, at: .zero, into: &actions)
        guard case .dispatch(let batch) = actions.first else { return #expect(Bool(false), "\(actions)") }
        #expect(batch.slices.map(\.request) == [request.id] && batch.tokenCount == 3)
    }
}
