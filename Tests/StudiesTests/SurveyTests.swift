import Simulation
import Studies
import Testing

@Suite struct SurveyTests {
    static func figures(_ rate: Double, plan: String = "pp2") throws -> RunFigures {
        RunFigures(
            plan: try ParallelPlan(plan), totalTokensPerSecond: rate, seconds: 1000 / rate, bubbleRatio: 0,
            preemptions: 0, recomputedTokens: 0, blocks: 100, refused: 0)
    }

    private func row(_ rates: [Double?]) throws -> SurveyRow {
        SurveyRow(
            outcomes: try rates.map { rate in
                guard let rate else { return .failure(SimulationError(.doesNotFit, "too large")) }
                return .success(try Self.figures(rate))
            })
    }

    @Test func ratiosAreThoseToTheFastestOfTheRow() throws {
        let row = try row([50, 200, nil, 200])
        #expect(row.best == 1)
        #expect((0..<4).map(row.ratio) == [0.25, 1, nil, 1])
        let empty = try self.row([nil, nil])
        #expect(empty.best == nil && empty.ratio(0) == nil && empty.figures(1) == nil)
    }

    @Test func standingsCountWinsMediansAndTheWorst() throws {
        let rows = try [row([100, 50]), row([80, 100]), row([30, 100]), row([100, nil]), row([100, 100])]
        let first = SurveyStanding(of: 0, in: rows)
        #expect(first.ran == 5 && first.won == 3 && first.median == 1)
        #expect(first.least?.ratio == 0.3 && first.least?.setting == 2)
        // The mean of the middle two of 0.5, 1, 1, 1.
        let second = SurveyStanding(of: 1, in: rows)
        #expect(second.ran == 4 && second.won == 3 && second.median == 1 && second.least?.ratio == 0.5)
        let even = SurveyStanding(of: 0, in: try [row([40, 100]), row([60, 100])])
        #expect(even.median == 0.5 && even.won == 0)
        let never = SurveyStanding(of: 1, in: [rows[3]])
        #expect(never.ran == 0 && never.median == nil && never.least == nil)
    }

    @Test func methodsHavePlansOfTheirOwn() throws {
        #expect(try StudyMethod.split("td-pipe+stealing=off@tp").policy == "td-pipe+stealing=off")
        #expect(try StudyMethod.split("hybrid@TP").plan == .tensor && StudyMethod.split("hybrid@pp").plan == .pipeline)
        #expect(try StudyMethod.split("hybrid@tp2pp2").plan == .fixed(ParallelPlan("tp2pp2")))
        #expect(try StudyMethod.split("hybrid").plan == nil)
        #expect(try StudyMethod(StudyPolicy("hybrid"), plan: .tensor).label == "hybrid@tp")
        for wrong in ["hybrid@", "hybrid@dp2", "hybrid@tp0", "hybrid@4"] {
            let error = #expect(throws: SimulationError.self) { try StudyMethod.split(wrong) }
            #expect(error?.message.contains("'\(wrong)'") == true, "\(error?.message ?? "")")
        }
        let cluster = try Cluster("8xL20")
        #expect(try PlanChoice.pipeline.plan(for: cluster).description == "pp8")
        #expect(try PlanChoice.tensor.plan(for: cluster).description == "tp8")
        let kinds = try [PlanChoice.pipeline, .tensor, .fixed(ParallelPlan("tp2pp2")), .fixed(ParallelPlan("pp3"))]
            .map(\.parallelism)
        #expect(kinds == [.pipeline, .tensor, .mixed, .pipeline])
    }

    @Test func aSurveyRunsEachMethodInEachSetting() throws {
        let settings = try SurveyReader().settings(
            of: """
                2xL20 SmolLM2-1.7B alpaca 20 0
                1xL20 Llama-2-70B alpaca 20 0
                2xL20 SmolLM2-1.7B alpaca 20 0 kv-blocks=1
                """)
        let methods = try [
            StudyMethod(StudyPolicy("hybrid")), StudyMethod(StudyPolicy("hybrid"), plan: .tensor),
            StudyMethod(StudyPolicy("separate"), plan: .fixed(ParallelPlan("pp3"))),
        ]
        let survey = Survey(settings: settings, methods: methods)
        let outcomes = (0..<9).map { survey.run(setting: $0 / 3, method: $0 % 3) }
        let rows = try survey.rows(of: outcomes)
        #expect(rows.count == 3 && rows[0].best != nil && rows[1].best == nil && rows[2].best == nil)
        #expect(rows[0].figures(0)?.plan.description == "pp2" && rows[0].figures(1)?.plan.description == "tp2")
        // The same run as that of a study.
        let study = Study(settings: settings[0].settings, workload: settings[0].workload)
        let alone = try study.run(StudyPolicy("hybrid")).outcome
        #expect(rows[0].figures(0)?.totalTokensPerSecond == alone.totalTokensPerSecond)
        func failure(_ row: Int, _ method: Int) -> SimulationError? {
            if case .failure(let error) = rows[row].outcomes[method] { error } else { nil }
        }
        #expect(failure(0, 2)?.code == .invalidSetting && failure(1, 0)?.code == .doesNotFit)
        #expect(failure(2, 0)?.message.hasPrefix("all 20 requests were refused; the first: ") == true)
        let broken = Survey.Outcome.failure(SimulationError(.stalled, "nothing to do"))
        let error = #expect(throws: SimulationError.self) { try survey.rows(of: outcomes.dropLast() + [broken]) }
        #expect(error?.code == .stalled)
    }
}
