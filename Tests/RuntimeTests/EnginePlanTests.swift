import Runtime
import Scheduling
import Testing
import Transformer

@Suite("Engine plan")
struct EnginePlanTests {
    private func plan(stages: Int = 2, kvMemory: Int = 10_000) throws -> EnginePlan {
        try EnginePlan(
            device: FakeDevice(), stages: stages, kvMemory: kvMemory, prefillChunk: 77, maxSequences: 9)
    }

    @Test("sizes follow from the device and the settings")
    func sizes() throws {
        let plan = try plan(kvMemory: 10_999)
        #expect(plan.ranges.map(\.layers) == [0..<3, 3..<6])
        let configuration = plan.configuration
        #expect((configuration.stages, configuration.tokensPerBlock, configuration.blockCount) == (2, 16, 10))
        #expect((configuration.contextLength, configuration.prefillChunk) == (256, 77))
        #expect(configuration.maxSequences == 9)
        #expect(try self.plan(kvMemory: 1000).configuration.blockCount == 1)
    }

    @Test("a pool smaller than a block is refused with both numbers", arguments: [0, 1, 999, -5])
    func smallPool(bytes: Int) {
        let error = #expect(throws: RuntimeError.self) { try plan(kvMemory: bytes) }
        #expect(error?.code == .kvPoolTooSmall)
        #expect(error?.message.contains("\(bytes) bytes") == true)
        #expect(error?.message.contains("1000 bytes") == true)
        #expect("\(error!)" == error?.message)
    }

    @Test("more stages than layers are refused", arguments: [0, 7])
    func stages(count: Int) {
        let error = #expect(throws: RuntimeError.self) { try plan(stages: count) }
        #expect(error?.code == .badStageCount)
        #expect(error?.message.contains("\(count) stages") == true && error?.message.contains("1...6") == true)
    }
}
