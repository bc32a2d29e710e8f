import Simulation
import Studies
import Testing

@Suite struct GoodputTests {
    /// The rate that is found keeps the level, and one that is hardly higher does not.
    @Test(arguments: ["hybrid", "td-pipe"])
    func theRateIsTheHighest(policy: String) throws {
        let study = try StudyTests.study(requests: 600)
        let level = ServiceLevel(secondsToFirstToken: 0.05, secondsPerToken: 0.02)
        let search = try GoodputSearch(level: level)
        let found = try search.search(study, StudyPolicy(policy))
        #expect(found.rate > 0 && !found.isOpen && found.runs < 40 && found.attainment >= 0.9)
        func attainment(_ rate: Double) throws -> Double {
            try level.attainment(outcome(study, StudyPolicy(policy), rate: rate).requests)
        }
        #expect(try attainment(found.rate) == found.attainment)
        let ceiling = try #require(found.ceiling)
        #expect(ceiling > found.rate && ceiling <= found.rate * search.precision)
        #expect(try attainment(ceiling) < 0.9)
    }

    @Test func levelsThatAlwaysOrNeverHoldEndTheSearch() throws {
        let study = try StudyTests.study(requests: 5)
        let never = try GoodputSearch(level: ServiceLevel(secondsToFirstToken: 0)).search(study, StudyPolicy("hybrid"))
        #expect(never.rate == 0 && !never.isOpen && never.attainment == 0)
        let always = try GoodputSearch(level: ServiceLevel(secondsPerToken: 1e6)).search(study, StudyPolicy("hybrid"))
        #expect(always.isOpen && always.attainment == 1)
        #expect(throws: SimulationError.self) { try GoodputSearch(level: ServiceLevel()) }
        #expect(throws: SimulationError.self) {
            try GoodputSearch(level: ServiceLevel(secondsPerToken: 1), share: 0)
        }
    }

    @Test func aLevelHoldsIfAllItsLimitsDo() throws {
        let run = try StudyTests.study(requests: 40).run(StudyPolicy("hybrid")).outcome
        let firsts = run.requests.compactMap(\.secondsToFirstToken).sorted()
        let half = ServiceLevel(secondsToFirstToken: firsts[19])
        // Several requests may share a first token's moment.
        #expect(half.attainment(run.requests) == Double(firsts.count { $0 <= firsts[19] }) / 40)
        #expect(ServiceLevel().attainment(run.requests) == 1 && ServiceLevel().isOpen)
        let both = ServiceLevel(secondsToFirstToken: firsts[19], secondsPerToken: 0)
        #expect(both.attainment(run.requests) < half.attainment(run.requests))
        #expect(half.attainment([]) == 0)
    }

    private func outcome(_ study: Study, _ policy: StudyPolicy, rate: Double) throws -> SimulatedRun {
        var study = study
        study.settings.arrivals = try study.settings.arrivals.with(rate: rate)
        return try study.run(policy).outcome
    }

    /// A few hundred requests that come at once are served before anyone has waited for long. What the machine can serve
    /// shows in a run that is long against its longest answer.
    @Test(arguments: ["hybrid", "td-pipe", "throttle"])
    func aShortRunIsNoReasonForARateThatTheMachineCannotServe(policy: String) throws {
        let study = try StudyTests.study(requests: 200)
        let all = try outcome(study, StudyPolicy(policy), rate: 1e5)
        let long = try outcome(StudyTests.study(requests: 2000), StudyPolicy(policy), rate: 1e5)
        let most = Double(long.requests.count) / long.end.seconds
        // The level is wide enough for all requests at once.
        let level = ServiceLevel(secondsToFirstToken: all.end.seconds, secondsPerToken: all.end.seconds)
        #expect(level.attainment(all.requests) == 1)
        let found = try GoodputSearch(level: level).search(study, StudyPolicy(policy))
        #expect(found.isOpen && found.rate > 0.2 * most && found.rate < 1.15 * most, "\(found.rate) of \(most)")
    }
}
