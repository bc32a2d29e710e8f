import Platform
import Runtime
import Scheduling
import StageDevices
import Synchronization
import Testing

@Suite("Engine driver", .timeLimit(.minutes(30)))
struct EngineDriverTests {
    @Test("answers are those of each request alone", arguments: PolicyCatalogue.names, 1...4)
    func answers(policy: String, stages: Int) throws {
        let device = FakeDevice(unrest: UInt64(stages))
        let requests = RequestSpec.samples(40, vocabulary: 97)
        let expected = try requests.map { try device.answer(to: $0, count: $0.maxNewTokens!) }
        for chunk in [1, 7, 16, 64, 1000] {
            for (blocks, maxSequences) in [(5, 16), (11, 16), (200, 16), (200, 3), (200, 1)] {
                let client = RecordingClient(requests)
                let bench = Bench(
                    device: device, stages: stages, policy: policy, chunk: chunk, blocks: blocks,
                    maxSequences: maxSequences)
                let report = try bench.run(client)
                let setting: Comment = "chunks of \(chunk), \(blocks) blocks, \(maxSequences) sequences"
                #expect(requests.map { client.answers[$0.id] } == expected, setting)
                #expect(client.reasons.values.allSatisfy { $0 == .length } && client.reasons.count == 40, setting)
                #expect(client.faults.isEmpty && client.rejections.isEmpty, setting)
                expectCounters(report, client, requests, blocks: blocks)
            }
        }
        #expect(device.liveStages == 0)
    }

    @Test("micro-batches retire in order although shares of the head are done late", arguments: 2...4)
    func overtaken(stages: Int) throws {
        let device = FakeDevice(holdsShares: true)
        let requests = RequestSpec.samples(60, vocabulary: 97)
        // Prompts in many pieces, of which only the last draws a token: the others end with the layers.
        let client = RecordingClient(requests)
        _ = try Bench(device: device, stages: stages, policy: "separate", chunk: 8).run(client)
        #expect(
            try requests.map { client.answers[$0.id]! }
                == requests.map {
                    try device.answer(to: $0, count: $0.maxNewTokens!)
                })
        #expect(client.faults.isEmpty)
        #expect(device.overtaken > 0, "no share was late: the test shows nothing")
    }

    @Test(
        "stages take layers of their neighbours instead of waiting", arguments: 2...4, PolicyCatalogue.names)
    func movingBorders(stages: Int, policy: String) throws {
        for slow in [FakeDevice.End.first, .last] { try checkBorders(stages, policy, slow) }
    }

    private func checkBorders(_ stages: Int, _ policy: String, _ slow: FakeDevice.End) throws {
        let device = FakeDevice(layers: 9, holdsLayers: slow)
        // Prompts in many pieces: a piece must not pass the one before it, and the fake stages would say so.
        let requests = RequestSpec.samples(60, vocabulary: 97)
        let client = RecordingClient(requests)
        _ = try Bench(device: device, stages: stages, policy: policy, chunk: 8).run(client)
        for request in requests {
            #expect(client.answers[request.id] == (try device.answer(to: request, count: request.maxNewTokens!)))
        }
        #expect(client.faults.isEmpty)
        guard policy == "td-pipe" else { return }
        let moved = slow == .first ? device.handedOver : device.layersGoneOn
        #expect(moved > 0, "no border moved with a slow \(slow) stage: the test shows nothing")
    }

    @Test("shares of the head of any size", arguments: [0, 0.5, 3, 9, 100], 2...4)
    func shares(head: Double, stages: Int) throws {
        // Seven layers: the first stages hold one more than the last, so that some get no share of a cheap head.
        let device = FakeDevice(layers: 7, costs: StageCosts(layer: 1, head: head), unrest: 5)
        let requests = RequestSpec.samples(40, vocabulary: 97, seed: 3)
        let client = RecordingClient(requests)
        _ = try Bench(device: device, stages: stages).run(client)
        for request in requests {
            #expect(client.answers[request.id] == (try device.answer(to: request, count: request.maxNewTokens!)))
        }
    }

    /// Counts by hand what the core has counted.
    private func expectCounters(
        _ report: DriverReport, _ client: RecordingClient, _ requests: [RequestSpec], blocks: Int
    ) {
        #expect(report.counters.microBatches == client.steps.count)
        #expect(report.counters.blocksPeak <= blocks && report.counters.blocksPeak > 0)
        let computed = client.steps.reduce(0) { $0 + $1.prefillTokens + $1.decodeTokens }
        // Each token once but for the last, which nothing follows, and those that preemption threw away.
        let needed = requests.reduce(0) { $0 + $1.prompt.count + $1.maxNewTokens! - 1 }
        #expect(computed == needed + report.counters.recomputedTokens)
        #expect((report.counters.preemptions == 0) == (report.counters.recomputedTokens == 0))
        let switches = zip(client.steps, client.steps.dropFirst()).count { $0.phase != $1.phase }
        #expect(report.phaseSwitches == switches)
    }

    @Test("a small pool preempts, a large one does not", arguments: PolicyCatalogue.names)
    func preemptions(policy: String) throws {
        let device = FakeDevice()
        let requests = (0..<8).map { index in
            RequestSpec(id: RequestID(index), prompt: [TokenID](repeating: TokenID(index), count: 10), maxNewTokens: 60)
        }
        var preemptions: [Int] = []
        for blocks in [8, 100] {
            let bench = Bench(device: device, stages: 2, policy: policy, blocks: blocks)
            preemptions.append(try bench.run(RecordingClient(requests)).counters.preemptions)
        }
        #expect(preemptions[0] > 0 && preemptions[1] == 0)
    }

    @Test("answers end where the client or a stop token ends them")
    func ends() throws {
        let device = FakeDevice()
        var requests = RequestSpec.samples(20, vocabulary: 97, longestAnswer: 30, seed: 4)
        let answers = try requests.map { try device.answer(to: $0, count: 30) }
        let client = RecordingClient([])
        var expected: [[TokenID]] = []
        var reasons: [FinishReason] = []
        for index in requests.indices {
            requests[index].maxNewTokens = 30
            var (length, reason) = (30, FinishReason.length)
            if index % 3 == 0 { requests[index].stopTokens = [answers[index][index]] }
            if let stop = requests[index].stopTokens.first {
                (length, reason) = (answers[index].firstIndex(of: stop)! + 1, .stopToken(stop))
            } else if index % 3 == 1 {
                (length, reason) = (index + 2, .stopped)
                client.stopLength[requests[index].id] = length
            }
            expected.append(Array(answers[index].prefix(length)))
            reasons.append(reason)
        }
        let filled = RecordingClient(requests)
        filled.stopLength = client.stopLength
        _ = try Bench(device: device, stages: 3).run(filled)
        #expect(requests.map { filled.answers[$0.id] } == expected)
        #expect(requests.map { filled.reasons[$0.id] } == reasons)
        #expect(filled.faults.isEmpty)
    }

    @Test("requests that cannot run are refused, and their neighbours are answered")
    func refusals() throws {
        let device = FakeDevice()
        var requests = RequestSpec.samples(9, vocabulary: 97)
        requests[1].prompt = []
        requests[4].maxNewTokens = 0
        requests[5].prompt = [TokenID](repeating: 1, count: 257)
        requests[8].maxNewTokens = 200
        let client = RecordingClient(requests)
        _ = try Bench(device: device, stages: 2, blocks: 8).run(client)
        let refused: [(Int, AdmissionError.Code)] = [
            (1, .emptyPrompt), (4, .invalidMaxTokens), (5, .contextLengthExceeded), (8, .kvPoolExceeded),
        ]
        #expect(client.rejections.count == 4)
        for (index, code) in refused { #expect(client.rejections[RequestID(index)]?.code == code) }
        for index in [0, 2, 3, 6, 7] {
            let spec = requests[index]
            #expect(client.answers[spec.id] == (try device.answer(to: spec, count: spec.maxNewTokens!)))
        }
    }

    @Test("no requests, or only refused ones, end at once")
    func nothing() throws {
        let device = FakeDevice()
        for requests in [[], [RequestSpec(id: RequestID(3), prompt: [], maxNewTokens: 1)]] {
            let client = RecordingClient(requests)
            let report = try Bench(device: device, stages: 3).run(client)
            #expect(client.rejections.count == requests.count && client.steps.isEmpty)
            #expect(report.bubbleRatio == 0 && report.stageBusySeconds == [0, 0, 0] && report.phaseSwitches == 0)
            #expect(report.counters.microBatches == 0 && report.counters.blocksPeak == 0)
        }
        #expect(device.liveStages == 0)
    }

    @Test("many requests are taken in as they are needed")
    func lookahead() throws {
        let device = FakeDevice(layers: 2)
        let requests = (0..<2000).map { RequestSpec(id: RequestID($0), prompt: [TokenID($0 % 97)], maxNewTokens: 2) }
        let client = RecordingClient(requests)
        let handedOut = Atomic<Int>(0)
        var most = 0
        client.onEmission = { [unowned client] _ in
            most = max(most, handedOut.load(ordering: .acquiring) - client.ended)
        }
        let (driver, core) = try Bench(device: device, stages: 2).prepare()
        let submissions = client.submissions
        let producer = try JoinableThread {
            for submission in submissions {
                guard driver.waitForRoom() else { return }
                handedOut.add(1, ordering: .releasing)
                driver.submit([submission])
            }
            driver.finish()
        }
        _ = try driver.run(core, onStep: client.reported)
        producer.join()
        #expect(client.reasons.count == 2000 && client.faults.isEmpty)
        // Those that wait in the core, those that hold blocks, and those that are held back.
        let room = EngineDriver.lookahead + 16 + EngineDriver.mostUntold
        #expect(most <= room, "\(most) requests were held at a time")
    }

    @Test("the core never has more waiting than it looks ahead")
    func waiting() throws {
        let device = FakeDevice(layers: 2)
        let requests = (0..<1500).map { RequestSpec(id: RequestID($0), prompt: [TokenID($0 % 97)], maxNewTokens: 2) }
        let client = RecordingClient(requests)
        _ = try Bench(device: device, stages: 2).run(client)
        #expect(client.reasons.count == 1500)
        let most = client.steps.map(\.waitingRequests).max() ?? 0
        #expect(most <= EngineDriver.lookahead && most > EngineDriver.lookahead / 2, "\(most) were waiting")
    }
}
