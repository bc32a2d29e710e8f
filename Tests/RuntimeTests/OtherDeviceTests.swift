import Runtime
import Scheduling
import Testing

/// The boundary of a device is all that the runtime knows: whole jobs on a device that shares no memory with the CPU's and
/// no work among its stages.
@Suite("A device of another kind", .timeLimit(.minutes(30)))
struct OtherDeviceTests {
    private let device = ShuffledDevice()

    @Test("answers are those of the model computed directly", arguments: PolicyCatalogue.names, 1...4)
    func answers(policy: String, stages: Int) throws {
        let requests = RequestSpec.samples(40, vocabulary: device.sizes.vocabulary)
        let expected = requests.map(device.model.answer)
        #expect(expected.map(\.count) == requests.map { $0.maxNewTokens! })
        #expect(Set(expected.flatMap { $0 }).count > 90, "answers are alike, and comparing them shows little")
        var preemptions = 0
        for chunk in [1, 7, 64, 1000] {
            for (blocks, maxSequences) in [(10, 16), (23, 16), (400, 16), (400, 1)] {
                let client = RecordingClient(requests)
                let bench = Bench(
                    device: device, stages: stages, policy: policy, chunk: chunk, blocks: blocks,
                    maxSequences: maxSequences)
                let report = try bench.run(client)
                let setting: Comment = "chunks of \(chunk), \(blocks) blocks, \(maxSequences) sequences"
                #expect(requests.map { client.answers[$0.id] } == expected, setting)
                #expect(client.faults.isEmpty && client.rejections.isEmpty && client.reasons.count == 40, setting)
                #expect(report.stageBusySeconds.count == stages && report.stageBusySeconds.allSatisfy { $0 > 0 })
                preemptions += report.counters.preemptions
            }
        }
        #expect(preemptions > 0, "nothing was preempted: the test shows less than it says")
    }

    @Test("the last stage has the whole output head and the fewer layers for it")
    func partition() throws {
        let plan = try EnginePlan(
            device: device, stages: 3, kvMemory: 100 * device.bytesPerKVBlock, prefillChunk: 64, maxSequences: 16)
        #expect(plan.ranges.map(\.layers) == [0..<3, 3..<5, 5..<6])
        #expect(plan.ranges.map(\.vocabulary) == [0..<0, 0..<0, 0..<101])
        #expect(plan.configuration.tokensPerBlock == 8 && plan.configuration.blockCount == 100)
    }

    @Test("steps can be measured", arguments: 1...3)
    func profile(stages: Int) throws {
        let plan = try EnginePlan(
            device: device, stages: stages, kvMemory: 64 * device.bytesPerKVBlock, prefillChunk: 64, maxSequences: 64)
        let profiler = try StepProfiler(device: device, ranges: plan.ranges, configuration: plan.configuration)
        let samples = try profiler.measure(.short(plan.configuration))
        #expect(!samples.isEmpty && samples.allSatisfy { $0.stageSeconds.count == stages })
    }

    @Test("a stage that fails ends the run and is named", arguments: [0, 3])
    func failure(batch: Int) throws {
        let failing = ShuffledDevice(failsAt: batch)
        let requests = RequestSpec.samples(40, vocabulary: device.sizes.vocabulary)
        let error = #expect(throws: RuntimeError.self) {
            try Bench(device: failing, stages: 3).run(RecordingClient(requests))
        }
        #expect(error?.code == .stageFailed)
        #expect(error?.message.contains("stage 2") == true && error?.message.contains("the shuffled fault") == true)
    }
}
