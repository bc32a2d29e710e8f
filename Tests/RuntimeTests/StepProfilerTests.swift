import Runtime
import Scheduling
import Testing

/// The profiler on stages that hash: what it sends, and what it makes of the times. No test looks at a time itself.
@Suite struct StepProfilerTests {
    private struct Stop: Error {}

    private func profiler(
        _ device: FakeDevice, stages: Int, blocks: Int = 64
    ) throws -> (profiler: StepProfiler, plan: ProfilePlan, configuration: EngineConfiguration) {
        let plan = try EnginePlan(
            device: device, stages: stages, kvMemory: blocks * device.bytesPerKVBlock, prefillChunk: 64,
            maxSequences: 64)
        let profiler = try StepProfiler(device: device, ranges: plan.ranges, configuration: plan.configuration)
        return (profiler, .short(plan.configuration), plan.configuration)
    }

    /// A fake stage traps on a block outside the pool and fails on a micro-batch out of its turn.
    @Test(arguments: 1...4)
    func thereIsASampleForEachPoint(stages: Int) throws {
        let (profiler, plan, _) = try profiler(FakeDevice(), stages: stages)
        var told: [StepSample] = []
        let samples = try profiler.measure(plan) { told.append($0) }
        #expect(samples.map(\.load) == plan.points.map(\.load))
        #expect(samples == told)
        #expect(samples.allSatisfy { $0.stageSeconds.count == stages })
        #expect(samples.allSatisfy { $0.stageSeconds.allSatisfy { $0 >= 0 && $0.isFinite } })
    }

    /// Micro-batches go on being numbered where the last measurement ended.
    @Test func mayMeasureMoreThanOnce() throws {
        let (profiler, plan, configuration) = try profiler(FakeDevice(), stages: 2)
        let first = try profiler.measure(plan)
        let second = try profiler.measure(plan)
        #expect(first.map(\.load) == second.map(\.load))
        #expect(try profiler.measure(.full(configuration)).count > plan.points.count)
    }

    @Test(arguments: [0, 5, 20])
    func aStageThatFailsIsNamed(batch: Int) throws {
        let device = FakeDevice(fault: .layers(layer: 5, batch: batch))
        let (profiler, plan, _) = try profiler(device, stages: 2)
        let error = #expect(throws: RuntimeError.self) { try profiler.measure(plan) }
        #expect(error?.code == .stageFailed)
        #expect(error?.message.contains("stage 1") == true && error?.message.contains("the fake fault") == true)
    }

    @Test func whoeverListensMayStopIt() throws {
        let (profiler, plan, _) = try profiler(FakeDevice(), stages: 2)
        var count = 0
        #expect(throws: Stop.self) {
            try profiler.measure(plan) { _ in
                count += 1
                if count == 3 { throw Stop() }
            }
        }
        #expect(count == 3)
    }

    @Test func itsStagesEndWithIt() throws {
        let device = FakeDevice()
        do {
            let (profiler, plan, _) = try profiler(device, stages: 3)
            _ = try profiler.measure(plan)
            #expect(device.liveStages == 3)
        }
        for _ in 0..<100_000 where device.liveStages > 0 { yieldThread() }
        #expect(device.liveStages == 0)
    }

    /// What it measures can be fitted, whatever the clock said.
    @Test func aCostCanBeMadeOfIt() throws {
        let (profiler, plan, _) = try profiler(FakeDevice(), stages: 2)
        let samples = try profiler.measure(plan).filter { $0.stageSeconds.allSatisfy { $0 > 0 } }
        let cost = try MeasuredStepCost(samples)
        #expect(cost.stages == 2 && cost.slowest(.prefill(tokens: 8)) > 0)
    }
}
