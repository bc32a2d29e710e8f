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
            let client = RecordingClient(requests)
            let error = #expect(throws: RuntimeError.self) { try bench.run(client) }
            #expect(error?.code == .stageFailed)
            #expect(error?.message == "stage \(stage) failed: the fake fault")
            #expect(device.liveStages == 0)
            // Every request has an end, and the failure is told to those that were alive.
            #expect(client.faults.isEmpty && client.ended == 30 && !client.failures.isEmpty)
            #expect(client.failures.values.allSatisfy { ($0 as? RuntimeError)?.code == .stageFailed })
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

    @Test("a sink that throws ends its own request; the others are answered", arguments: [0, 7, 29], [1, 3])
    func sinkThrows(request: Int, emission: Int) throws {
        let device = FakeDevice(holdsShares: true)
        var requests = requests
        for index in [1, 9] { requests[index].prompt = [] }
        for index in [0, 7, 29] { requests[index].maxNewTokens = 5 }
        let client = RecordingClient(requests)
        client.failAt = (RequestID(request), emission)
        _ = try Bench(device: device, stages: 3).run(client)
        #expect(client.faults.isEmpty && client.rejections.count == 2 && client.reasons.count == 27)
        #expect(client.failures.keys.sorted() == [RequestID(request)])
        #expect(client.failures[RequestID(request)] is RecordingClient.Fault)
        for spec in requests where spec.id.rawValue != request && !spec.prompt.isEmpty {
            #expect(client.answers[spec.id] == (try device.answer(to: spec, count: spec.maxNewTokens!)))
        }
        #expect(device.liveStages == 0)
    }

    @Test("what ends a run is told to every request that has not ended", arguments: [1, 40])
    func recorderThrows(event: Int) throws {
        let device = FakeDevice(unrest: 1)
        let client = RecordingClient(requests)
        var events = 0
        let (driver, core) = try Bench(device: device, stages: 2).prepare()
        #expect(throws: RecordingClient.Fault()) {
            try driver.run(core, client: client) { _, _, _ in
                events += 1
                if events == event { throw RecordingClient.Fault() }
            }
        }
        #expect(client.faults.isEmpty && client.ended == 30 && !client.failures.isEmpty)
        #expect(client.failures.values.allSatisfy { $0 is RecordingClient.Fault })
        #expect(!driver.submit(requests[0], to: client), "a run that has ended takes requests in")
    }

    @Test("the caller's own error ends the run")
    func abort() throws {
        let device = FakeDevice(unrest: 1)
        let client = RecordingClient(requests)
        do {
            let (driver, core) = try Bench(device: device, stages: 2).prepare()
            client.onEmission = { if $0 == 5 { driver.abort(RecordingClient.Fault()) } }
            #expect(throws: RecordingClient.Fault()) { try driver.run(core, client: client) }
        }
        client.onEmission = { _ in }
        #expect(client.faults.isEmpty && client.ended == 30 && !client.failures.isEmpty)
        #expect(device.liveStages == 0)
    }

    @Test("cancelling requests, in the core or held back, ends these and no others")
    func cancel() throws {
        let device = FakeDevice(layers: 2)
        let requests = (0..<700).map { RequestSpec(id: RequestID($0), prompt: [TokenID($0 % 97)], maxNewTokens: 9) }
        let client = RecordingClient(requests)
        let (driver, core) = try Bench(device: device, stages: 2).prepare()
        let given = [0, 100, 511, 512, 699]
        driver.submit(client.submissions)
        // Before the core hears of any, and again when they have ended.
        for index in given { driver.cancel(RequestID(index)) }
        client.onEmission = { if $0 == 100 { for index in given + [300] { driver.cancel(RequestID(index)) } } }
        driver.finish()
        _ = try driver.run(core, onStep: client.reported)
        client.onEmission = { _ in }
        #expect(client.faults.isEmpty && client.reasons.count == 700)
        let cancelled = client.reasons.filter { $0.value == .cancelled }.map(\.key.rawValue).sorted()
        #expect(cancelled == (given + [300]).sorted())
        #expect(client.answers[RequestID(300)] == nil && client.answers[RequestID(0)] == nil)
    }

    @Test("a driver without requests sleeps until one comes")
    func idle() throws {
        let device = FakeDevice()
        let client = RecordingClient(requests)
        let (driver, core) = try Bench(device: device, stages: 2).prepare()
        let thread = try JoinableThread {
            for _ in 0..<200 { yieldThread() }
            for submission in client.submissions {
                driver.submit([submission])
                for _ in 0..<20 { yieldThread() }
            }
            // Of requests that are not there nothing comes.
            driver.cancel(RequestID(1000))
            driver.complete(RequestID(1000))
            driver.finish()
        }
        _ = try driver.run(core, onStep: client.reported)
        thread.join()
        #expect(client.faults.isEmpty && client.reasons.count == 30)
        for spec in requests {
            #expect(client.answers[spec.id] == (try device.answer(to: spec, count: spec.maxNewTokens!)))
        }
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

    @Test("stop cancels what has not ended, and takes no more in", arguments: [1, 5, 60])
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
        #expect(client.reasons.count == 600)
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
        #expect(client.faults.isEmpty && client.reasons.count == 600)
        #expect(device.liveStages == 0)
    }

    @Test("stop before the run: nothing is begun", arguments: [true, false])
    func stopBefore(isEarly: Bool) throws {
        let device = FakeDevice()
        let client = RecordingClient(requests)
        let (driver, core) = try Bench(device: device, stages: 2).prepare()
        if isEarly { driver.submit(client.submissions) }
        driver.stop()
        driver.stop()
        #expect(!driver.submit(client.submissions))
        _ = try driver.run(core, onStep: client.reported)
        #expect(client.reasons.count == (isEarly ? 30 : 0) && client.reasons.values.allSatisfy { $0 == .cancelled })
        #expect(client.steps.isEmpty && client.answers.isEmpty && client.faults.isEmpty)
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
        #expect(client.faults.isEmpty && [0, 30].contains(client.reasons.count))
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
