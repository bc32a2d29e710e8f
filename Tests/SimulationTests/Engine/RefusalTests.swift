import Scheduling
import Simulation
import Testing

/// What cannot be run, and what is said of it.
@Suite struct RefusalTests {
    private func simulation(timing: any StageTiming = HandTiming(layers: [10])) -> PipelineSimulation {
        PipelineSimulation(
            configuration: EngineConfiguration(stages: 1, tokensPerBlock: 4, blockCount: 5, contextLength: 25),
            timing: timing)
    }

    private func request(_ prompt: Int, _ output: Int) -> SimulatedRequest {
        SimulatedRequest(promptTokens: prompt, outputTokens: output)
    }

    @Test func requestsThatNeverFitAreRefusedAndOthersRun() throws {
        let requests = [
            request(8, 2), request(26, 1), request(.max, 1), request(12, 14), request(12, 10), request(3, .max),
            request(20, 1),
        ]
        let run = try simulation().run(requests, policy: SeparatePolicy())
        #expect(run.requests.map { $0.refusal == nil } == [true, false, false, false, false, false, true])
        #expect(run.requests.map(\.generated) == [2, 0, 0, 0, 0, 0, 1])
        #expect(run.requests[1].refusal == "the prompt has 26 tokens, more than the 20 that context and KV pool hold")
        #expect(run.requests[1].end == nil && run.requests[1].firstToken == nil)
        #expect(run.requests[4].refusal?.contains("KV pool of 20 tokens") == true)
        #expect(run.promptTokens == 28 && run.outputTokens == 3)
    }

    @Test(arguments: [(0, 1, 0), (-5, 1, 0), (1, 0, 0), (1, .min, 0), (1, 1, -1)])
    func requestsThatNoWorldCouldRun(prompt: Int, output: Int, arrival: Int64) {
        let bad = SimulatedRequest(
            arrival: Instant(nanoseconds: arrival), promptTokens: prompt, outputTokens: output)
        #expect(
            code { () throws(SimulationError) in
                _ = try simulation().run([request(1, 1), bad], policy: SeparatePolicy())
            } == .invalidRequest)
    }

    @Test func aPolicyWithNothingToDoIsNoticed() throws {
        #expect(
            code { () throws(SimulationError) in _ = try simulation().run([request(1, 1)], policy: StubbornPolicy()) }
                == .stalled)
    }

    @Test func anUnknownPolicyIsNamedWithThoseThatThereAre() throws {
        do throws(SimulationError) {
            _ = try simulation().run([], policyNamed: "fifo", settings: .unmeasured(stages: 1))
            Issue.record("fifo is no policy")
        } catch {
            #expect(error.code == .unknownName)
            let names = "separate, hybrid, throttle, td-pipe, auto, virtual-separate, virtual-hybrid"
            #expect(error.message == "there is no policy 'fifo'; policies: \(names)")
            #expect("\(error)" == "unknown_name: \(error.message)")
        }
    }

    @Test func stagesOfCoreAndTimingMustAgree() {
        #expect(
            code { () throws(SimulationError) in
                _ = try simulation(timing: HandTiming(layers: [1, 1])).run([], policy: SeparatePolicy())
            } == .invalidSetting)
        #expect(
            code { () throws(SimulationError) in
                _ = try SimulatedPipeline(timing: BrokenTiming(stages: 0), network: .ideal(stages: 1))
            } == .invalidSetting)
    }

    @Test func optionsHaveLimits() {
        let changes: [(inout SimulationOptions) -> Void] = [
            { $0.lookahead = 0 }, { $0.clients = 0 }, { $0.microBatchesPerCheck = 0 }, { $0.controllerSeconds = -1 },
            { $0.controllerSeconds = .nan },
        ]
        for change in changes {
            var simulation = simulation()
            change(&simulation.options)
            #expect(
                code { () throws(SimulationError) in
                    _ = try simulation.run([request(1, 1)], policy: SeparatePolicy())
                } == .invalidSetting)
        }
    }

    @Test func timesThatAreNoTimesAreErrors() {
        let cases: [(BrokenTiming, SimulationError.Code)] = [
            (BrokenTiming(layers: -1e-9), .invalidSetting), (BrokenTiming(layers: .nan), .invalidSetting),
            (BrokenTiming(layers: .infinity), .invalidSetting), (BrokenTiming(head: .infinity), .invalidSetting),
            (BrokenTiming(layers: 1e300), .clockExceeded), (BrokenTiming(layers: 4e9), .clockExceeded),
            (BrokenTiming(stages: 2, bytes: -1), .invalidSetting),
        ]
        for (timing, expected) in cases {
            var simulation = simulation(timing: timing)
            simulation.configuration.stages = timing.stages
            simulation.configuration.prefillWindow = 8
            simulation.network = .ideal(stages: timing.stages)
            let found = code { () throws(SimulationError) in
                _ = try simulation.run([request(4, 3)], policy: SeparatePolicy())
            }
            #expect(found == expected, "\(timing)")
        }
    }

    @Test func aTransferThatNeverEndsIsAnError() {
        var simulation = simulation(timing: BrokenTiming(stages: 2, bytes: .max))
        simulation.configuration.stages = 2
        simulation.network = SimulatedNetwork(stages: 2, link: SimulatedLink(bytesPerSecond: 1e-300))
        #expect(
            code { () throws(SimulationError) in _ = try simulation.run([request(4, 3)], policy: SeparatePolicy()) }
                == .invalidSetting)
        simulation.network = SimulatedNetwork(stages: 2, link: SimulatedLink(bytesPerSecond: 1))
        #expect(
            code { () throws(SimulationError) in _ = try simulation.run([request(4, 3)], policy: SeparatePolicy()) }
                == .clockExceeded)
    }

    @Test func errorsAreEqualIfTheySayTheSame() {
        let one = SimulationError(.malformedText, "line 3", cause: SimulationError(.stalled, "x"))
        #expect(one == SimulationError(.malformedText, "line 3"))
        #expect(one != SimulationError(.malformedText, "line 4") && one != SimulationError(.stalled, "line 3"))
        #expect(Set([one, SimulationError(.malformedText, "line 3")]).count == 1)
    }
}
