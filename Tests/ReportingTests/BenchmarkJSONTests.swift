import Foundation
import Reporting
import Testing

@Suite struct BenchmarkJSONTests {
    private func parsed(_ report: BenchmarkReport) throws -> [String: Any] {
        let text = BenchmarkJSON(report: report).text
        #expect(text.hasSuffix("}\n"))
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func theMachineAndTheRuns() throws {
        let json = try parsed(benchmarkReport([benchmarkRun("td-pipe"), benchmarkRun("hybrid")]))
        #expect(Set(json.keys) == ["machine", "command", "model", "workload", "runs"])
        let machine = try #require(json["machine"] as? [String: Any])
        #expect(Set(machine.keys) == ["processor", "cores", "memory_bytes", "kernels", "system"])
        #expect(machine["memory_bytes"] as? Int == 8_589_934_592)
        let runs = try #require(json["runs"] as? [[String: Any]])
        #expect(runs.map { $0["label"] as? String } == ["td-pipe", "hybrid"])
    }

    @Test func aRunHasTheKeysOfEveryRunAndThoseOfTheBenchmark() {
        #expect(
            benchmarkRun("td-pipe[stealing=off]", repetition: 2).json.compact
                == #"{"policy":"td-pipe","stages":2,"threads":1,"requests":48,"prompt_tokens":3000,"#
                + #""output_tokens":1000,"wall_seconds":8.0,"total_tokens_per_second":500.0,"#
                + #""output_tokens_per_second":125.0,"bubble_ratio":0.0625,"stage_busy_seconds":[8.0,7.0],"#
                + #""phase_switches":6,"preemptions":0,"recomputed_tokens":0,"kv_blocks_total":512,"#
                + #""kv_blocks_peak":384,"peak_rss_bytes":536870912,"label":"td-pipe[stealing=off]","repeat":2,"#
                + #""options":"stealing=off","lengths":"oracle","bound_seconds":7.5,"#
                + #""wall_over_bound":1.0666666666666667,"bubble_by_cause":{"warm_up":0.0,"starved":0.03125,"#
                + #""blocked":0.015625,"phase_switch":0.0,"hand_over":0.015625,"drain":0.0},"#
                + #""imbalance":{"decode_micro_batches":9,"round_time":0.0625,"round_sequences":0.125,"#
                + #""run_time":0.5,"run_sequences":0.25},"ttft_p50_seconds":0.5,"ttft_p99_seconds":2.0,"#
                + #""tpot_p50_seconds":0.03125,"tpot_p99_seconds":0.0625,"token_gap_p50_seconds":null,"#
                + #""token_gap_p99_seconds":null,"token_gap_max_seconds":null,"seed":7}"#)
    }

    @Test func whatIsNotKnownIsNull() throws {
        var run = benchmarkRun("a", timeToFirstToken: nil, timePerOutputToken: nil)
        run.lengths = nil
        run.figures.stageBusySeconds = []
        var report = benchmarkReport([run])
        report.machine.memoryBytes = nil
        let json = try parsed(report)
        #expect((json["machine"] as? [String: Any])?["memory_bytes"] is NSNull)
        let keys = ["lengths", "wall_over_bound", "ttft_p50_seconds", "tpot_p99_seconds"]
        let found = try #require((json["runs"] as? [[String: Any]])?.first)
        #expect(keys.allSatisfy { found[$0] is NSNull })
        #expect(run.wallOverBound == nil && run.boundSeconds == 0)
    }

    @Test func statisticsGiveSharesAndImbalance() {
        let statistics = RunStatistics(recording: sharedHead)
        let run = BenchmarkRun(
            label: "a", repetition: 1, figures: benchmarkRun("a").figures, statistics: statistics)
        #expect(run.idleShares == statistics.idleShares)
        #expect(run.imbalance == statistics.imbalance)
    }

    @Test func percentilesAreNearestRanks() {
        let values = (1...200).reversed().map(Double.init)
        #expect(LatencyPercentiles(ofSeconds: values) == LatencyPercentiles(p50: 100, p99: 198))
        #expect(LatencyPercentiles(ofSeconds: [3]) == LatencyPercentiles(p50: 3, p99: 3))
        #expect(LatencyPercentiles(ofSeconds: [2, .nan, 1]) == LatencyPercentiles(p50: 1, p99: 2))
        #expect(LatencyPercentiles(ofSeconds: []) == nil)
    }

    @Test func aMachineInOneLine() {
        var machine = benchmarkReport([]).machine
        #expect(machine.line == "Example 9000, 2 cores, 8.0 GiB, avx2 kernels, Linux 6.1")
        (machine.cores, machine.memoryBytes) = (1, nil)
        #expect(machine.line == "Example 9000, 1 core, avx2 kernels, Linux 6.1")
    }
}
