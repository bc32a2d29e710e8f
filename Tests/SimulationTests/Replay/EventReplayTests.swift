import EventLog
import Platform
import Scheduling
import Simulation
import Testing

@Suite struct EventReplayTests {
    private static func setup(_ policy: String, samples: [StepSample] = []) -> EventLogSetup {
        EventLogSetup(
            configuration: EngineConfiguration(
                stages: 2, tokensPerBlock: 4, blockCount: 22, contextLength: 64, prefillChunk: 12, maxSequences: 6),
            policy: policy, tdPipe: TDPipeOptions(stealing: false), lengths: "constant:9", respectsLimit: false,
            samples: samples)
    }

    @Test(arguments: PolicyCatalogue.names, [false, true])
    func aRecordedRunReplaysToTheSameActions(policy: String, losesStage: Bool) throws {
        for seed in UInt64(0)..<20 {
            let run = try RecordedRun(Self.setup(policy), seed: seed, losesStage: losesStage)
            var replay = try EventReplay(run.log)
            #expect(replay.setup == Self.setup(policy))
            let summary = try replay.run()
            #expect(summary.counters == run.core.counters)
            #expect(summary.actions == run.actions)
            #expect(summary.requests == 12)
            #expect(summary.live == 0)
            #expect(summary.events == run.log.split(separator: "\n").count - 4)
            #expect(summary.counters.stageLosses == (losesStage ? 1 : 0))
        }
    }

    /// Costs that were measured go with the log, to the last bit.
    @Test func measuredCostsAreKept() throws {
        let samples = [1, 8, 32, 100].flatMap { tokens in
            [10, 300].map { context in
                StepSample(
                    load: StepLoad(tokens: tokens, context: tokens * context, sequences: tokens),
                    stageSeconds: [1e-3 / 3 * Double(tokens), 1e-3 / 7 * Double(context)])
            }
        }
        let setup = Self.setup("td-pipe", samples: samples)
        let run = try RecordedRun(setup, seed: 5)
        var replay = try EventReplay(run.log)
        #expect(replay.setup == setup)
        #expect(try replay.run().counters == run.core.counters)
    }

    /// Whoever replays may look at what happens.
    @Test func eventsAreTold() throws {
        let run = try RecordedRun(Self.setup("hybrid"), seed: 1)
        var replay = try EventReplay(run.log)
        var arrivals = 0
        var told = 0
        _ = try replay.run { event, _, actions in
            if case .arrived = event { arrivals += 1 }
            told += actions.count
        }
        #expect(arrivals == 12)
        #expect(told == run.actions)
    }

    @Test func anotherCourseIsFoundAtItsFirstLine() throws {
        let run = try RecordedRun(Self.setup("hybrid"), seed: 3)
        // The same events under another policy.
        let other = run.log.replacing("policy hybrid", with: "policy separate")
        #expect(other != run.log)
        var replay = try EventReplay(other)
        let error = try #require(throws: EventLogError.self) { _ = try replay.run() }
        #expect(error.code == .diverged)
        #expect(error.message.hasPrefix("line "))
    }

    @Test(arguments: [
        ("tideway-events 1", "tideway-events 2"), ("stages=2", "stages=0"), ("stages=2", "stages=two"),
        ("blocks=22", "blocks=99999999999"), ("window=8", "window=1"), ("chunk=12 ", ""), ("greedy=", "greed="),
        ("respects_limit=0", "respects_limit=3"), (" -> 0\n", "\n"), ("0 arrive 0", "-1 arrive 0"),
        ("0 arrive 0", "0 arrives 0"), ("0 arrive 0", "0 arrive"), ("0 arrive 1 ", "0 arrive 0 "),
        ("prompt=0,1", "prompt=0,x"), ("retire 0 ", "retire 1 "), ("retire 0 ", "retire 999999 "),
        ("retire 0 tokens=", "retire 0 tokens=;;;;;;"), ("0 schedule", "0 lose 2"), ("0 arrive 0", "5 arrive 0"),
        ("cancel 1", "cancel 99999999999999999999"), ("seconds=", "seconds=-1,"), ("seconds=", "seconds=inf,"),
        ("seconds=", "computed=x seconds="), ("seconds=", "computed=1,1,1,1,1,1,1 seconds="),
    ])
    func aDamagedLogIsAnErrorThatNamesTheLine(good: String, bad: String) throws {
        let log = try RecordedRun(Self.setup("hybrid"), seed: 8).log
        let place = try #require(log.firstRange(of: good), "\(good)")
        var damaged = log
        damaged.replaceSubrange(place, with: bad)
        let error = try #require(throws: EventLogError.self) {
            var replay = try EventReplay(damaged)
            _ = try replay.run()
        }
        #expect(error.code == .malformedText, "\(error)")
        #expect(error.message.hasPrefix("line "), "\(error)")
    }

    /// A log keeps up to which token a sequence is computed if its stages drew ahead.
    @Test func tokensThatWereDrawnAheadAreKept() throws {
        let setup = Self.setup("hybrid")
        var core = try setup.makeCore()
        var log = EventLogWriter.header(setup)
        var actions: [EngineAction] = []
        // Seven tokens in two blocks of four: of three tokens one has room there.
        let events: [EngineEvent] = [
            .arrived(RequestSpec(id: RequestID(0), prompt: [1, 2, 3, 4, 5, 6, 7], maxNewTokens: 6)), .schedule,
            .retired(MicroBatchID(0), [[7, 8, 9].map { SampledToken($0) }], computedThrough: [8]), .schedule,
        ]
        for event in events {
            actions = []
            core.handle(event, at: .zero, into: &actions)
            log += EventLogWriter.line(event, at: .zero, actions: actions)
        }
        guard case .dispatch(let batch) = actions.first else {
            Issue.record("nothing was dispatched")
            return
        }
        #expect(batch.slices[0].start == 8 && batch.slices[0].tokens.count == 2)
        var replay = try EventReplay(log)
        #expect(try replay.run().actions == 4)
        #expect(log.contains(" computed=8 "))
        for bad in ["6", "9", "8,8", ""] {
            let error = try #require(throws: EventLogError.self) {
                var replay = try EventReplay(log.replacing("computed=8 ", with: "computed=\(bad) "))
                _ = try replay.run()
            }
            #expect(error.code == (bad.isEmpty ? .diverged : .malformedText), "\(bad)")
        }
    }

    @Test func unknownNamesAreErrors() throws {
        let log = try RecordedRun(Self.setup("hybrid"), seed: 8).log
        let cases = [
            ("policy hybrid", "policy hybird", EventLogError.Code.unknownName),
            ("lengths=constant:9", "lengths=crystal-ball", .invalidSetting),
        ]
        for (good, bad, code) in cases {
            let error = try #require(throws: EventLogError.self) {
                _ = try EventReplay(log.replacing(good, with: bad))
            }
            #expect(error.code == code)
        }
    }

    /// Any cut and any changed byte is an error or another run, never a trap.
    @Test func noDamageEndsTheProcess() throws {
        let log = Array(try RecordedRun(Self.setup("td-pipe"), seed: 2, losesStage: true).log.utf8)
        var random = SeededRandom(seed: 9)
        for _ in 0..<600 {
            var damaged = log
            for _ in 0...random.integer(in: 0...2) {
                let place = random.integer(in: 0...damaged.count - 1)
                switch random.integer(in: 0...3) {
                case 0: damaged.removeSubrange(place...)
                case 1: damaged[place] = UInt8(random.integer(in: 48...57))
                case 2: damaged[place] = UInt8(random.integer(in: 0...127))
                default: damaged.remove(at: place)
                }
                if damaged.isEmpty { break }
            }
            do {
                var replay = try EventReplay(String(decoding: damaged, as: UTF8.self))
                _ = try replay.run()
            } catch {
                continue
            }
        }
    }
}
