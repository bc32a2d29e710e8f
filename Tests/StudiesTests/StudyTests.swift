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
