import Foundation
import Reporting
import Testing

@Suite struct PlanReportTests {
    private func candidate(
        _ plan: String, _ kind: PlanKind, rate: Double, seconds: Double, batches: Int,
        _ uses: [PlanReport.Use: Double]
    ) -> PlanReport.Candidate {
        PlanReport.Candidate(
            plan: plan, kind: kind, policy: "hybrid", totalTokensPerSecond: rate, seconds: seconds, bubbleRatio: 0.25,
            preemptions: 2, recomputedTokens: 30, refused: 0, poolBytes: 3 * 1024 * 1024 * 1024, poolTokens: 4096,
            meanSecondsOfRequest: seconds / 2, microBatches: batches, uses: uses)
    }

    private var tensor: PlanReport.Candidate {
        candidate("tp4", .tensor, rate: 3000, seconds: 10, batches: 100, [.links: 4, .weights: 3, .rest: 3])
    }
    private var pipeline: PlanReport.Candidate {
        candidate(
            "pp4", .pipeline, rate: 1500, seconds: 20, batches: 390, [.idle: 5, .weights: 12, .rest: 3])
    }

    private func report(
        _ candidates: [PlanReport.Candidate], _ comparisons: [PlanReport.Comparison], available: Int? = nil,
        isPaced: Bool = false, devices: Int = 4
    ) -> PlanReport {
        PlanReport(
            commandLine: "tideway plan", model: "tiny", cluster: "4xL20", devices: devices, link: "pcie4",
            requests: .init(workload: "sharegpt", simulated: 1000, available: available),
            setting: [.init(label: "weights", value: "fp16")], candidates: candidates, comparisons: comparisons,
            excluded: [
                .init(plan: "tp3", policy: nil, reason: "no"), .init(plan: "pp4", policy: "separate", reason: "never"),
            ], isPaced: isPaced)
    }

    private func text(_ report: PlanReport) -> String { PlanTable(report: report).rendered(style: .ascii) }

    @Test func whatIsBestAndWhyStandsFirst() {
        let lines = text(report([tensor, pipeline], [.init(rival: 1, causes: [.weights], against: .links)]))
            .split(separator: "\n").map(String.init)
        #expect(lines[0] == "tiny on 4xL20, weights fp16")
        #expect(
            lines[1]
                == "Tensor parallelism is better here. Best: hybrid on tp4, 3,000 tok/s; 2.00 times hybrid on pp4, "
                + "the best pipeline.")
        #expect(
            lines[2]
                == "pp4 reads the weights 3.90 times as often as tp4 (390 micro-batches against 100), which "
                + "takes 12.0 s of 20.0 s, against 3.00 s of 10.0 s. Against that, exchanges between the devices of a "
                + "stage over pcie4 take 4.00 s of 10.0 s on tp4, and none on pp4.", "\(lines[2])")
        #expect(lines[3].hasPrefix("2 runs of 1,000 requests each, a sample drawn from sharegpt."))
        #expect(lines[4].hasPrefix("plan  policy  tok/s  of best"))
        let row = lines[6].split(separator: " ").joined(separator: " ")
        #expect(row == "tp4 hybrid 3,000 1.000 10.0 s 25.0 % 30 % 40 % 100 2 3.0 GiB 4,096", "\(row)")
        #expect(lines.suffix(2) == ["not run: tp3: no", "not run: separate on pp4: never"])
    }

    @Test func eachReasonHasItsSentence() {
        var (pipe, tp) = (pipeline, tensor)
        (pipe.totalTokensPerSecond, tp.totalTokensPerSecond) = (3000, 2950)
        func reason(_ main: PlanReport.Use) -> String {
            text(report([pipe, tp], [.init(rival: 1, causes: [main], against: nil)]))
        }
        #expect(reason(.links).contains("A pipeline is hardly better here (less than 2 %). Best: hybrid on pp4"))
        #expect(
            reason(.links).contains(
                "Exchanges between the devices of a stage over pcie4 take 4.00 s of 10.0 s on tp4, and none on pp4."))
        #expect(reason(.idle).contains("On tp4 the stages wait 0 s of 10.0 s, on pp4 5.00 s of 20.0 s."))
        #expect(reason(.rest).contains("launches take 3.00 s of each device on tp4, 3.00 s on pp4."))
        #expect(!reason(.rest).contains("Against"))
    }

    @Test func aMixedPlanIsComparedWithBothOthers() {
        let mixed = candidate(
            "tp2pp2", .mixed, rate: 3300, seconds: 9, batches: 200, [.idle: 1, .links: 2, .weights: 3, .rest: 3])
        let lines = text(
            report(
                [mixed, tensor, pipeline],
                [.init(rival: 1, causes: [.links], against: .idle), .init(rival: 2, causes: [.weights], against: nil)])
        ).split(separator: "\n")
        #expect(
            lines[1] == "A mix of pipeline and tensor parallelism is better here. Best: hybrid on tp2pp2, 3,300 tok/s; "
                + "1.10 times hybrid on tp4, the best with tensor parallelism, and 2.20 times hybrid on pp4, the best "
                + "pipeline.")
        #expect(
            lines[2].contains(
                "Against that, on tp2pp2 the stages wait 1.00 s of 9.00 s, on tp4 0 s of 10.0 s. pp4 reads"))
    }

    @Test func withoutARivalThereIsNoReason() {
        let alone = text(report([pipeline], [], available: 1000, devices: 1))
        #expect(alone.contains("Best: hybrid on pp4, 1,500 tok/s. A single device has nothing to share out.\n"))
        #expect(alone.contains("1 run of 1,000 requests each, from the 1,000 of sharegpt.\n"))
        #expect(text(report([pipeline], [])).contains("No other plan fits."))
    }

    @Test func aSampleSaysOfHowMany() {
        let sample = text(report([pipeline], [], available: 20_000))
        #expect(
            sample.contains("a sample of the 20,000 of sharegpt.") && sample.contains("--requests 20000 simulates all"))
    }

    @Test func atAPaceTheTimeOfARequestCounts() {
        let paced = text(
            report([tensor, pipeline], [.init(rival: 1, causes: [.weights], against: nil)], isPaced: true))
        #expect(
            paced.contains(
                "Best: hybrid on tp4, a request takes 5.00 s; 10.0 s with hybrid on pp4, the best pipeline."))
        #expect(
            paced.contains("a request")
                && paced.contains(
                    "its stages wait 0.0 % of the time; hybrid on pp4 makes 1,500 tok/s and waits 25.0 %.")
        )
        #expect(!text(report([pipeline], [])).contains("a request  "))
    }

    @Test func theJSONHasTheSame() throws {
        let text = PlanJSON(report: report([tensor, pipeline], [.init(rival: 1, causes: [.weights], against: nil)]))
            .text
        let root = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let plan = try #require(root["plan"] as? [String: Any])
        #expect(plan["is_sample"] as? Bool == true && plan["requests"] as? Int == 1000)
        #expect(plan["ranked_by"] as? String == "total_tokens_per_second" && plan["weights"] as? String == "fp16")
        let advice = try #require(root["advice"] as? [String: String])
        #expect(advice["best"]?.hasPrefix("Tensor parallelism is better here.") == true)
        #expect(advice["reason"]?.contains("3.90 times as often") == true)
        let candidates = try #require(root["candidates"] as? [[String: Any]])
        #expect(candidates.map { $0["parallel"] as? String } == ["tp4", "pp4"])
        #expect(candidates[0]["links_share"] as? Double == 0.4 && candidates[1]["idle_share"] as? Double == 0.25)
        #expect(candidates[0]["kv_pool_tokens"] as? Int == 4096 && candidates[0]["kind"] as? String == "tensor")
        #expect((root["not_run"] as? [Any])?.count == 2)
    }
}
