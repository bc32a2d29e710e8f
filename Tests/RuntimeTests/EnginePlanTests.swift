import Runtime
import Scheduling
import Testing

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
        // 3 layers and a half of the 3 layers that the head costs, on both; 97 tokens are 14 units of 7.
        #expect(plan.ranges.map(\.vocabulary) == [0..<49, 49..<97])
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

    @Test("one stage takes everything, without a measurement")
    func alone() throws {
        let device = FakeDevice()
        let plan = try EnginePlan(device: device, stages: 1, kvMemory: 1000, prefillChunk: 1, maxSequences: 1)
        #expect(plan.ranges == [.whole(layers: 6, vocabulary: 97)])
        #expect(device.measurements == 0)
    }

    @Test("more stages than layers are refused before anything is measured", arguments: [0, 7])
    func stages(count: Int) throws {
        let device = FakeDevice()
        let error = #expect(throws: RuntimeError.self) {
            try EnginePlan(device: device, stages: count, kvMemory: 10_000, prefillChunk: 77, maxSequences: 9)
        }
        #expect(device.measurements == 0)
        #expect(error?.code == .badStageCount)
        #expect(error?.message.contains("\(count) stages") == true && error?.message.contains("1...6") == true)
    }
}
