import Scheduling
import Simulation
import Studies
import Testing

@Suite struct PlanStudyTests {
    private func study(
        _ cluster: String, _ model: String, requests: Int = 4, policies: [String] = ["hybrid"],
        workload: String = "sharegpt", _ changes: [(key: String, value: String)] = []
    ) throws -> PlanStudy {
        var settings = StudySettings(
            model: try Catalogue.standard.model(named: model), cluster: try Cluster(cluster))
        settings.requests = requests
        for (key, value) in changes { try settings.set(key, to: value) }
        return try PlanStudy(
            settings: settings, workload: try StudyWorkload(shapeNamed: workload),
            policies: try policies.map { try StudyPolicy($0) })
    }

    private func ranking(_ study: PlanStudy) throws -> PlanRanking {
        try study.ranking(of: (0..<study.runs).map(study.run))
    }

    @Test func plansAreThePairsOfDivisorsThatFit() throws {
        let even = try study("8xL20", "Llama-2-13B")
        #expect(even.plans.map(\.description) == ["pp8", "tp2pp4", "tp4pp2", "tp8"] && even.excluded.isEmpty)
        // 40 heads cannot be shared out among 3 devices.
        let odd = try study("6xL20", "Llama-2-13B")
        #expect(odd.plans.map(\.description) == ["pp6", "tp2pp3"])
        #expect(odd.excluded.map(\.plan.description) == ["tp3pp2", "tp6"])
        #expect(odd.excluded[0].reason == "the 40 heads of Llama-2-13B cannot be shared out evenly among 3 devices")
        let hosts = try study("2x(2xL20)@100gbe", "Llama-2-13B")
        #expect(hosts.plans.map(\.description) == ["pp4", "tp2pp2"] && hosts.excluded[0].reason.contains("of a host"))
        let layers = try study("16xL20", "OPT-125M")
        #expect(!layers.plans.map(\.description).contains("pp16") && layers.excluded[0].reason.contains("12 layers"))
        #expect(try study("1xL20", "Llama-2-13B").plans.map(\.description) == ["pp1"])
        let error = #expect(throws: SimulationError.self) { try study("2xL20", "Llama-2-70B") }
        #expect(error?.code == .doesNotFit)
        for word in ["no plan for Llama-2-70B on 2xL20 fits", "pp2: ", "tp2: ", "MiB are usable"] {
            #expect(error?.message.contains(word) == true, "\(word)")
        }
    }

    @Test func eachPolicyRunsOnEachPlan() throws {
        let study = try study("2xL20", "Llama-2-13B", policies: ["separate", "hybrid"])
        #expect(study.runs == 4)
        let candidates = try (0..<4).map { try study.run($0).get() }
        #expect(candidates.map(\.plan.description) == ["pp2", "pp2", "tp2", "tp2"])
        #expect(candidates.map(\.policy) == ["separate", "hybrid", "separate", "hybrid"])
        for candidate in candidates {
            #expect(candidate.poolTokens == candidate.figures.blocks * StudySettings.tokensPerBlock)
            // 40 layers of 2 x 5,120 numbers of 2 bytes each token, wherever they are.
            #expect(candidate.poolBytes == Double(candidate.poolTokens) * 40 * 2 * 5120 * 2)
            #expect(candidate.meanSecondsOfRequest > 0 && candidate.meanSecondsOfRequest < candidate.figures.seconds)
            #expect(abs(candidate.budget.total - candidate.figures.seconds) < 1e-9)
        }
    }

    /// With one request the schedule does not depend on the link, so that a slower link costs what it is said to cost.
    @Test func linksTakeWhatASlowerLinkCosts() throws {
        let seconds = try ["nvlink4", "pcie3", "1gbe"].map { link in
            let study = try study("2xL20@\(link)", "Llama-2-13B", requests: 1)
            return try study.run(1).get()
        }
        for (fast, slow) in zip(seconds, seconds.dropFirst()) {
            let (cost, told) = (
                slow.figures.seconds - fast.figures.seconds, slow.budget[.links] - fast.budget[.links]
            )
            #expect(cost > 0 && abs(told / cost - 1) < 1e-4, "\(told) \(cost)")
        }
        #expect(seconds[2].budget.share(.links) > 0.4 && seconds[2].budget.share(.idle) < 0.01)
    }

    /// A request alone has one stage at work at a time, and reads all weights for each token.
    @Test func weightsAreReadOncePerMicroBatch() throws {
        let study = try study("4xL20", "Llama-2-13B", requests: 1)
        let pipeline = try study.run(0).get().budget
        let tensor = try study.run(2).get().budget
        #expect(pipeline.microBatches == tensor.microBatches && pipeline.microBatches > 1)
        #expect(pipeline[.links] == 0 && abs(pipeline.share(.idle) - 0.75) < 0.01)
        #expect(abs(pipeline[.weights] / tensor[.weights] - 1) < 1e-9)
        // A decode step of one token is little else than reading weights.
        #expect(pipeline[.weights] / (pipeline[.weights] + pipeline[.rest]) > 0.8)
    }

    @Test func fewRequestsAreForTensorParallelism() throws {
        let ranking = try ranking(study("4xL20", "Llama-2-13B", requests: 64, policies: ["hybrid", "throttle"]))
        #expect(ranking.best.plan.parallelism == .tensor && ranking.rivals.first?.plan.parallelism == .pipeline)
        let difference = try #require(ranking.differences.first)
        #expect(difference.causes == [.weights] && difference.against == nil)
        #expect(difference.rival.budget.microBatches > 3 * difference.best.budget.microBatches)
    }

    @Test func aSharedLinkIsForPipelines() throws {
        let ranking = try ranking(study("4xL20@1gbe", "Llama-2-13B", requests: 300))
        #expect(ranking.best.plan.parallelism == .pipeline && ranking.rivals.first?.plan.parallelism == .tensor)
        #expect(ranking.differences.first?.causes == [.links])
    }

    @Test func failuresOfARunAreToldUnlessNothingIsLeft() throws {
        let study = try study("2xL20", "Llama-2-13B", policies: ["separate", "hybrid"])
        let candidate = try study.run(1).get()
        typealias Outcome = Result<PlanStudy.Candidate, SimulationError>
        let refused = Outcome.failure(SimulationError(.doesNotFit, "all were refused"))
        let ranking = try study.ranking(of: [refused, .success(candidate), refused, .success(candidate)])
        #expect(ranking.candidates.count == 2)
        #expect(ranking.excluded.map(\.policy) == ["separate", "separate"])
        #expect(ranking.excluded.map(\.plan.description) == ["pp2", "tp2"])
        #expect(throws: SimulationError.self) { try study.ranking(of: [refused, refused, refused, refused]) }
        let broken = Outcome.failure(SimulationError(.stalled, "nothing to do"))
        #expect(throws: SimulationError.self) {
            try study.ranking(of: [.success(candidate), broken, refused, refused])
        }
    }

    @Test func aRateMakesTheTimeOfARequestDecide() throws {
        let paced = try ranking(study("2xL20", "Llama-2-13B", requests: 20, [("rate", "0.2")]))
        #expect(paced.isPaced && paced.best.plan.parallelism == .tensor)
        let times = paced.candidates.map(\.meanSecondsOfRequest)
        #expect(times == times.sorted())
        #expect(try !ranking(study("2xL20", "Llama-2-13B", requests: 4, [("arrivals", "closed:2")])).isPaced)
    }
}

@Suite struct PlanRankingTests {
    private func candidate(
        _ plan: String, _ rate: Double, seconds: Double = 1, budget: TimeBudget? = nil
    ) throws -> PlanStudy.Candidate {
        PlanStudy.Candidate(
            policy: "hybrid", figures: try SurveyTests.figures(rate, plan: plan),
            budget: budget ?? TimeBudget(idle: 1, links: 0, weights: 0, rest: 0, microBatches: 1), poolBytes: 1,
            poolTokens: 1, meanSecondsOfRequest: seconds)
    }

    private func order(_ candidates: [PlanStudy.Candidate], isPaced: Bool = false) -> [String] {
        PlanRanking(candidates: candidates, excluded: [], isPaced: isPaced).candidates.map(\.plan.description)
    }

    @Test func tokensASecondDecideOffline() throws {
        let candidates = try [
            candidate("pp4", 90, seconds: 1), candidate("tp4", 100, seconds: 9), candidate("tp2pp2", 100, seconds: 2),
        ]
        #expect(order(candidates) == ["tp4", "tp2pp2", "pp4"])
    }

    @Test func thoseThatKeepUpComeFirstByTheirTime() throws {
        let candidates = try [
            candidate("pp4", 100, seconds: 5), candidate("tp2pp2", 98.5, seconds: 3),
            candidate("tp4", 97, seconds: 1),
        ]
        #expect(order(candidates, isPaced: true) == ["tp2pp2", "pp4", "tp4"])
        #expect(order(candidates) == ["pp4", "tp2pp2", "tp4"])
    }

    @Test func theRivalIsTheBestOfTheOppositeKind() throws {
        func rivals(_ plans: [String]) throws -> [String] {
            let candidates = try plans.enumerated().map { try candidate($1, 100 - Double($0)) }
            return PlanRanking(candidates: candidates, excluded: [], isPaced: false).rivals.map(\.plan.description)
        }
        #expect(try rivals(["pp4", "pp4", "tp2pp2", "tp4"]) == ["tp4"])
        #expect(try rivals(["tp4", "tp2pp2", "pp4"]) == ["pp4"])
        #expect(try rivals(["tp2pp2", "tp4", "tp4", "pp4"]) == ["tp4", "pp4"])
        #expect(try rivals(["pp4", "pp4", "tp2pp2"]) == ["tp2pp2"])
        #expect(try rivals(["pp1", "pp1"]) == [])
    }

    @Test func theLargestDifferenceIsTheReason() throws {
        func difference(_ best: TimeBudget, _ rival: TimeBudget) throws -> PlanDifference {
            PlanDifference(
                best: try candidate("pp4", 100, budget: best), rival: try candidate("tp4", 90, budget: rival))
        }
        let links = try difference(
            TimeBudget(idle: 2, links: 0, weights: 3, rest: 5, microBatches: 1),
            TimeBudget(idle: 0, links: 8, weights: 2, rest: 5, microBatches: 1))
        #expect(links.causes == [.links] && links.against == nil)
        // 3 seconds are more than a quarter of 8.
        let both = try difference(
            TimeBudget(idle: 3, links: 0, weights: 3, rest: 5, microBatches: 1),
            TimeBudget(idle: 0, links: 8, weights: 2, rest: 5, microBatches: 1))
        #expect(both.causes == [.links] && both.against == .idle)
        // 4 seconds are half of 8.
        let two = try difference(
            TimeBudget(idle: 3, links: 0, weights: 1, rest: 5, microBatches: 1),
            TimeBudget(idle: 3, links: 8, weights: 5, rest: 4, microBatches: 1))
        #expect(two.causes == [.links, .weights] && two.against == nil)
    }
}
