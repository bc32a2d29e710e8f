import Scheduling
import Simulation
import Studies
import Testing

/// Whole runs of a small model on a small cluster.
@Suite struct StudyTests {
    static func study(_ changes: [(key: String, value: String)] = [], requests: Int = 60) throws -> Study {
        var settings = StudySettings(
            model: try Catalogue.standard.model(named: "SmolLM2-1.7B"), cluster: try Cluster("4xL20"))
        settings.requests = requests
        settings.blocks = 400
        for (key, value) in changes { try settings.set(key, to: value) }
        return Study(settings: settings, workload: try StudyWorkload(shapeNamed: "alpaca"))
    }

    @Test(arguments: PolicyCatalogue.names)
    func allRequestsEndAndRunsRepeat(policy: String) throws {
        let study = try Self.study()
        let run = try study.run(StudyPolicy(policy))
        #expect(run.outcome.requests.count == 60 && run.refused == 0)
        #expect(run.outcome.requests.allSatisfy { $0.end != nil })
        #expect(run.outcome.counters.blocksPeak <= 400 && run.configuration.blockCount == 400)
        #expect(!run.outcome.recording.spans.isEmpty)
        let again = try study.run(StudyPolicy(policy)).outcome
        #expect(again.requests == run.outcome.requests && again.stages == run.outcome.stages)
        var other = study
        other.settings.seed += 1
        #expect(try other.run(StudyPolicy(policy)).outcome.requests != run.outcome.requests)
    }

    /// Policies are compared on the same requests, and recording changes nothing.
    @Test func requestsDoNotDependOnThePolicy() throws {
        var study = try Self.study()
        let tokens = try PolicyCatalogue.names.map { try study.run(StudyPolicy($0)).outcome.promptTokens }
        #expect(Set(tokens).count == 1)
        let recorded = try study.run(StudyPolicy("td-pipe")).outcome
        study.recordsRuns = false
        let bare = try study.run(StudyPolicy("td-pipe")).outcome
        #expect(bare.requests == recorded.requests && bare.recording.spans.isEmpty)
    }

    @Test func settingsReachTheRun() throws {
        let base = try Self.study().run(StudyPolicy("hybrid")).outcome.end
        for change in [
            ("controller-us", "500"), ("kv-blocks", "60"), ("weights", "q4_0"), ("parallel", "tp4"), ("rate", "1"),
            ("prefill-chunk", "16"), ("max-sequences", "2"), ("arrivals", "closed:1"), ("cluster", "4xA10"),
        ] {
            let end = try Self.study([(change.0, change.1)]).run(StudyPolicy("hybrid")).outcome.end
            #expect(end != base, "\(change)")
        }
    }

    /// Without a chunk of the settings each policy has its authors'; a policy's own comes before both.
    @Test func chunksAreThoseOfEachPolicyUnlessTold() throws {
        let study = try Self.study(requests: 3)
        let chunks = try PolicyCatalogue.names.map { try study.run(StudyPolicy($0)).configuration.prefillChunk }
        let expected = [
            "separate": 2048, "hybrid": 512, "throttle": 2048, "td-pipe": 2048, "auto": 2048, "virtual-separate": 2048,
            "virtual-hybrid": 512,
        ]
        #expect(chunks == PolicyCatalogue.names.map { expected[$0] })
        let told = try Self.study([("prefill-chunk", "64")], requests: 3)
        for name in PolicyCatalogue.names {
            #expect(try told.run(StudyPolicy(name)).configuration.prefillChunk == 64)
            #expect(try told.run(StudyPolicy(name, prefillChunk: 96)).configuration.prefillChunk == 96)
        }
        for chunk in [0, 1 << 21] {
            let error = #expect(throws: SimulationError.self) { try StudyPolicy("hybrid", prefillChunk: chunk) }
            #expect(error?.message.contains("\(chunk) tokens") == true && error?.message.contains("1...") == true)
        }
    }

    /// The requests are sorted before any policy is told them, and td-pipe by itself sorts nothing.
    @Test func allPoliciesAreToldTheRequestsInOneOrder() throws {
        let longest = try Self.study(
            [("predictor", "oracle"), ("order", "longest"), ("max-sequences", "1")], requests: 20)
        let sorted = try longest.workload.requests(for: longest.settings).requests
        #expect(sorted.map(\.outputTokens) == sorted.map(\.outputTokens).sorted(by: >))
        let arrival = try Self.study([("predictor", "oracle"), ("max-sequences", "1")], requests: 20)
        let plain = try arrival.workload.requests(for: arrival.settings).requests
        #expect(plain.map(\.outputTokens).sorted() == sorted.map(\.outputTokens).sorted() && plain != sorted)
        // Equal predictions keep the order of arrival.
        let alike = try Self.study([("predictor", "constant:9"), ("order", "longest")], requests: 20)
        #expect(
            try alike.workload.requests(for: alike.settings).requests.map(\.outputTokens) == plain.map(\.outputTokens))
        // One sequence at a time: a policy that keeps to the order answers the requests one after another.
        for (study, name) in [arrival, longest].flatMap({ study in PolicyCatalogue.compared.map { (study, $0) } }) {
            let run = try study.run(StudyPolicy(name))
            let firsts = run.outcome.requests.compactMap(\.firstToken)
            #expect(firsts.count == 20 && firsts == firsts.sorted(), "\(name)")
        }
        let own = try arrival.run(StudyPolicy("td-pipe", options: TDPipeOptions(order: .longest)))
        let firsts = own.outcome.requests.compactMap(\.firstToken)
        #expect(firsts != firsts.sorted())
        #expect(try arrival.run(StudyPolicy("td-pipe")).policy.options.order == .arrival)
    }

    @Test func aTraceIsNotPutIntoAnotherOrder() throws {
        var study = try Self.study([("predictor", "oracle"), ("order", "longest")], requests: 2)
        study.workload = try StudyWorkload(
            name: "b.csv", csv: "arrival_s,prompt_tokens,output_tokens\n0,3,4\n2,5,6\n4,7,8\n")
        let error = #expect(throws: SimulationError.self) { try study.run(StudyPolicy("hybrid")) }
        #expect(error?.message.contains("2.0 s") == true && error?.message.contains("all at once") == true)
    }

    /// td-pipe plans with the profile; the others do not look at it.
    @Test func aProfileThatIsOffChangesWhatPlansWithIt() throws {
        func run(_ error: String, _ policy: String, seed: String = "0") throws -> SimulatedRun {
            try Self.study([("profile-error", error), ("seed", seed)], requests: 200).run(StudyPolicy(policy)).outcome
        }
        #expect(try run("0", "td-pipe").requests != run("1.5", "td-pipe").requests)
        #expect(try run("1.5", "td-pipe").requests == run("1.5", "td-pipe").requests)
        #expect(try run("0", "hybrid").requests == run("1.5", "hybrid").requests)
        #expect(try run("1.5", "td-pipe").requests.allSatisfy { $0.end != nil })
    }

    /// With a bias of 1/1000 every answer is expected to end at once, as with a constant of 1.
    @Test func aBiasOfThePredictionsReachesThePolicy() throws {
        func requests(_ changes: [(key: String, value: String)]) throws -> [RequestOutcome] {
            try Self.study([("kv-blocks", "100")] + changes).run(StudyPolicy("td-pipe")).outcome.requests
        }
        let low = try requests([("predictor", "oracle"), ("predictor-bias", "0.001")])
        #expect(try low == requests([("predictor", "constant:1")]))
        #expect(try low != requests([("predictor", "oracle")]))
    }

    /// One client at a time never waits for another.
    @Test func closedArrivalsKeepToTheirClients() throws {
        let run = try Self.study([("arrivals", "closed:1")], requests: 10).run(StudyPolicy("separate"))
        let requests = run.outcome.requests
        for (one, next) in zip(requests, requests.dropFirst()) { #expect(one.end == next.arrival) }
    }

    @Test func predictorsOfAPolicyComeBeforeThoseOfTheSettings() throws {
        let study = try Self.study([("kv-blocks", "100"), ("predictor", "constant:1")])
        let low = try study.run(StudyPolicy("td-pipe")).outcome
        let known = try study.run(StudyPolicy("td-pipe", lengths: OraclePredictor())).outcome
        #expect(low.counters.preemptions > 0 && known.counters.preemptions == 0)
    }

    @Test func whatCannotRunIsAnError() throws {
        #expect(throws: SimulationError.self) { try StudyPolicy("fifo") }
        let small = try Self.study([("cluster", "1xL20"), ("model", "Llama-2-70B")])
        var study = small
        study.settings.blocks = nil
        let error = #expect(throws: SimulationError.self) { try study.run(StudyPolicy("hybrid")) }
        #expect(error?.code == .doesNotFit)
        let uneven = try Self.study([("parallel", "pp3")])
        #expect(throws: SimulationError.self) { try uneven.run(StudyPolicy("hybrid")) }
    }

    @Test func aPromptThatNeverFitsIsRefused() throws {
        var study = try Self.study([("kv-blocks", "4")], requests: 2)
        study.workload = try StudyWorkload(name: "two", csv: "prompt_tokens,output_tokens\n100,5\n20,5\n")
        let run = try study.run(StudyPolicy("hybrid"))
        #expect(run.refused == 1 && run.outcome.outputTokens == 5)
    }

    @Test func workloadsAreListsOrTraces() throws {
        let list = try StudyWorkload(name: "a.csv", csv: "prompt_tokens,output_tokens\n3,4\n5,6\n")
        guard case .lengths = list.source else {
            Issue.record("a table without times is a list of lengths")
            return
        }
        var study = try Self.study(requests: 2)
        let trace = try StudyWorkload(
            name: "b.csv", csv: "arrival_s,prompt_tokens,output_tokens\n0,3,4\n2,5,6\n4,7,8\n")
        let own = try trace.requests(for: study.settings).requests
        #expect(own.map(\.promptTokens) == [3, 5] && own.map(\.arrival.seconds) == [0, 2])
        try study.settings.set("rate", to: "0.5")
        #expect(try trace.requests(for: study.settings).requests.map(\.arrival.seconds) == [0, 4])
        let still = try StudyWorkload(name: "c.csv", csv: "arrival_s,prompt_tokens,output_tokens\n0,3,4\n0,5,6\n")
        #expect(throws: SimulationError.self) { try still.requests(for: study.settings) }
        #expect(throws: SimulationError.self) { try StudyWorkload(name: "d.csv", csv: "prompt_tokens,output_tokens\n") }
        #expect(throws: SimulationError.self) { try StudyWorkload(name: "e.csv", csv: "a,b\n1,2\n") }
        #expect(throws: SimulationError.self) { try StudyWorkload(shapeNamed: "novels") }
    }
}
