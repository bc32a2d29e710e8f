import Platform
import Runtime
import Scheduling
import Testing

/// Whatever ends a run, its threads end with it: no stage is left loaded once the pipeline has gone.
@Suite("Runs that end early", .timeLimit(.minutes(30)))
struct DriverFailureTests {
    private let requests = RequestSpec.samples(30, vocabulary: 97, seed: 6)

    @Test("a stage that fails", arguments: 0..<3, [0, 1, 5])
    func stageFails(stage: Int, batch: Int) throws {
        // Three layers on three stages: layer i is stage i.
        let device = FakeDevice(layers: 3, fault: .layers(layer: stage, batch: batch))
        for policy in PolicyCatalogue.names {
            let bench = Bench(device: device, stages: 3, policy: policy, chunk: 8)
            let error = #expect(throws: RuntimeError.self) { try bench.run(RecordingClient(requests)) }
            #expect(error?.code == .stageFailed)
            #expect(error?.message == "stage \(stage) failed: the fake fault")
            #expect(device.liveStages == 0)
        }
    }

    @Test("a share of the output head that fails", arguments: 0..<3, [0, 1, 5])
    func shareFails(stage: Int, batch: Int) throws {
        // 7 units of tokens: 48, 32 and 17 of the 97 tokens.
        let device = FakeDevice(layers: 3, fault: .head(token: [0, 48, 96][stage], batch: batch), unrest: 2)
        for policy in PolicyCatalogue.names {
            let bench = Bench(device: device, stages: 3, policy: policy, chunk: 8)
            let error = #expect(throws: RuntimeError.self) { try bench.run(RecordingClient(requests)) }
            #expect(error?.code == .stageFailed)
            #expect(error?.message == "stage \(stage) failed: the fake fault")
            #expect(device.liveStages == 0)
        }
    }

    @Test("a failure while shares of the head are under way", arguments: 0..<10)
    func failsBesideShares(batch: Int) throws {
        let device = FakeDevice(
            layers: 3, fault: .layers(layer: 2, batch: batch + 5), unrest: UInt64(batch), holdsShares: true)
        let bench = Bench(device: device, stages: 3, policy: "separate", chunk: 8)
        let error = #expect(throws: RuntimeError.self) { try bench.run(RecordingClient(requests)) }
        #expect(error?.message == "stage 2 failed: the fake fault")
        #expect(device.liveStages == 0)
    }

    @Test("a client that throws", arguments: RecordingClient.Call.allCases, [1, 3])
    func clientThrows(call: RecordingClient.Call, count: Int) throws {
        let device = FakeDevice(holdsShares: true)
        var requests = requests
        for index in [0, 3, 9] { requests[index].prompt = [] }
        let client = RecordingClient(requests)
        client.failAt = (call, count)
        #expect(throws: RecordingClient.Fault()) { try Bench(device: device, stages: 3).run(client) }
        #expect(device.liveStages == 0)
    }

    @Test("a policy that does nothing is reported, not waited for")
    func stalled() throws {
        struct Idle: SchedulingPolicy {
            let name = "idle"
            func plan(_ view: SchedulerView) -> StepPlan? { nil }
        }
        let device = FakeDevice()
        do {
            let (driver, core) = try Bench(device: device, stages: 2).prepare()
            let idle = EngineCore(configuration: core.configuration, policy: Idle())
            let error = #expect(throws: RuntimeError.self) {
                try driver.run(idle, client: RecordingClient(Array(requests.prefix(4))))
            }
            #expect(error?.code == .stalled)
            #expect(error?.message.contains("idle") == true && error?.message.contains("4 live") == true)
        }
        #expect(device.liveStages == 0)
    }

    @Test("stop cancels what has not ended, and asks for no more", arguments: [1, 5, 60])
    func stop(emissions: Int) throws {
        let device = FakeDevice(unrest: 3)
        let client = RecordingClient(RequestSpec.samples(600, vocabulary: 97))
        do {
            let (driver, core) = try Bench(device: device, stages: 3).prepare()
            client.onEmission = { if $0 == emissions { driver.stop() } }
            _ = try driver.run(core, client: client)
        }
        client.onEmission = { _ in }
        #expect(client.faults.isEmpty)
        #expect(client.reasons.count == client.handedOut && client.handedOut < 600)
        #expect(client.reasons.values.contains(.cancelled))
        // What was answered until then is right.
        for (id, answer) in client.answers {
            let spec = RequestSpec.samples(600, vocabulary: 97)[id.rawValue]
            #expect(answer == (try device.answer(to: spec, count: answer.count)))
            if client.reasons[id] == .length { #expect(answer.count == spec.maxNewTokens) }
        }
        #expect(device.liveStages == 0)
    }

    @Test("stop while shares of the head are under way", arguments: [1, 2, 3, 8, 40])
    func stopBesideShares(emissions: Int) throws {
        let device = FakeDevice(unrest: 8, holdsShares: true)
        let client = RecordingClient(RequestSpec.samples(600, vocabulary: 97))
        do {
            let (driver, core) = try Bench(device: device, stages: 3, policy: "separate", chunk: 16).prepare()
            client.onEmission = { if $0 == emissions { driver.stop() } }
            _ = try driver.run(core, client: client)
        }
        client.onEmission = { _ in }
        #expect(client.faults.isEmpty && client.reasons.count == client.handedOut && client.handedOut < 600)
        #expect(device.liveStages == 0)
    }

    @Test("stop before the run: nothing is asked for")
    func stopBefore() throws {
        let device = FakeDevice()
        let client = RecordingClient(requests)
        let (driver, core) = try Bench(device: device, stages: 2).prepare()
        driver.stop()
        driver.stop()
        _ = try driver.run(core, client: client)
        #expect(client.handedOut == 0 && client.reasons.isEmpty && client.steps.isEmpty)
    }

    @Test("stop from another thread at any moment", arguments: 0..<20)
    func stopFromElsewhere(round: Int) throws {
        let device = FakeDevice(unrest: UInt64(round))
        let client = RecordingClient(requests)
        let (driver, core) = try Bench(device: device, stages: 1 + round % 4).prepare()
        let thread = try JoinableThread {
            for _ in 0..<round * round * 5 { yieldThread() }
            driver.stop()
        }
        _ = try driver.run(core, client: client)
        thread.join()
        #expect(client.faults.isEmpty && client.reasons.count == client.handedOut)
    }

    @Test("a pipeline that is never run ends its threads")
    func neverRun() throws {
        let device = FakeDevice()
        do {
            let prepared = try Bench(device: device, stages: 4).prepare()
            #expect(device.liveStages == 4)
            withExtendedLifetime(prepared) {}
        }
        #expect(device.liveStages == 0)
    }
}
