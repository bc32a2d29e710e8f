import Foundation
import Reporting
import Scheduling
import Testing

@Suite struct RunSummaryTests {
    private let plain = RunSummary(
        policy: "td-pipe", stages: 2, threads: 1, requests: 48, promptTokens: 3000, outputTokens: 1000,
        wallSeconds: 8, bubbleRatio: 0.0625, stageBusySeconds: [7.5, 7.25], phaseSwitches: 6, preemptions: 0,
        recomputedTokens: 0, kvBlocksTotal: 512, kvBlocksPeak: 384)

    private var full: RunSummary {
        var summary = plain
        summary.peakRSSBytes = 1 << 29
        summary.model = "tiny"
        summary.failedRequests = 2
        summary.weightsBytes = 91_000_000
        summary.kvPoolBytes = 1 << 28
        summary.preemptions = 3
        summary.recomputedTokens = 1411
        summary.extras = [.init("seed", .integer(7))]
        return summary
    }

    @Test func keysStandInFixedOrder() {
        #expect(
            plain.json.compact == #"{"policy":"td-pipe","stages":2,"threads":1,"requests":48,"prompt_tokens":3000,"#
                + #""output_tokens":1000,"wall_seconds":8.0,"total_tokens_per_second":500.0,"#
                + #""output_tokens_per_second":125.0,"bubble_ratio":0.0625,"stage_busy_seconds":[7.5,7.25],"#
                + #""phase_switches":6,"preemptions":0,"recomputed_tokens":0,"kv_blocks_total":512,"#
                + #""kv_blocks_peak":384,"peak_rss_bytes":null}"#)
    }

    @Test func extraKeysFollow() throws {
        let text = full.json.indented
        #expect(
            text.hasSuffix(
                """
                  "peak_rss_bytes": 536870912,
                  "model": "tiny",
                  "failed_requests": 2,
                  "weights_bytes": 91000000,
                  "kv_pool_bytes": 268435456,
                  "seed": 7
                }
                """))
        let parsed = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(parsed.count == 22)
        #expect(parsed["stage_busy_seconds"] as? [Double] == [7.5, 7.25])
    }

    @Test func theSpeedOfTheMachineIsTold() {
        var summary = plain
        summary.profile = RunSummary.Profile(digest: "00ff", ratio: 1.0425)
        #expect(
            summary.json.compact.hasSuffix(#""peak_rss_bytes":null,"profile_digest":"00ff","profile_ratio":1.0425}"#))
        #expect(
            summary.lines(style: .ascii).contains(.init(label: "stage times", value: "1.043 times the profile's")))
        #expect(!plain.lines().map(\.label).contains("stage times"))
    }

    @Test func theTrialsOfPoliciesAreTold() {
        var summary = plain
        summary.policy = "auto"
        #expect(summary.lines().contains(.init(label: "policy", value: "auto")))
        summary.trials = triedPolicies().steps.flatMap(\.recordedTrials)
        #expect(
            summary.lines(style: .ascii).contains(
                .init(label: "policy", value: "auto: td-pipe, then hybrid+chunk=512 from 500 ms")))
        let expected = """
            "peak_rss_bytes":null,"policy_trials":[{"number":1,"seconds":0.0,"micro_batch":0,"occasion":"start",\
            "waiting":1234,"active":40,"answers":32,"in_charge":"td-pipe","chosen":"td-pipe",\
            "candidates":[{"policy":"td-pipe","rate":1.0},{"policy":"hybrid+chunk=512","rate":null}]},\
            {"number":2,"seconds":0.5,"micro_batch":2,"occasion":"answers ended","waiting":1234,\
            "active":40,"answers":64,"in_charge":"td-pipe","chosen":"hybrid+chunk=512",\
            "candidates":[{"policy":"td-pipe","rate":1.0},{"policy":"hybrid+chunk=512","rate":1.25}]},\
            {"number":3,"seconds":0.5,"micro_batch":2,"occasion":"answers ended","waiting":1234,\
            "active":40,"answers":96,"in_charge":"hybrid+chunk=512","chosen":"hybrid+chunk=512",\
            "candidates":[{"policy":"td-pipe","rate":1.0},{"policy":"hybrid+chunk=512","rate":1.0}]}]}
            """
        #expect(summary.json.compact.hasSuffix(expected))
    }

    @Test func manyChangesOfThePolicyAreCounted() {
        var summary = plain
        summary.trials = (0..<8).map { place in
            RecordedTrial(
                trial(place + 1, rate: 1.5, from: place == 0 ? 1 : (place + 1) % 2, to: place % 2),
                time: at(place * 1000),
                microBatch: MicroBatchID(place))
        }
        #expect(
            summary.lines(style: .ascii).contains(
                .init(
                    label: "policy",
                    value: "td-pipe: td-pipe, then hybrid+chunk=512 from 1.00 s, then td-pipe from 2.00 s, "
                        + "then hybrid+chunk=512 from 3.00 s, then td-pipe from 4.00 s, and 3 more changes")))
    }

    @Test func aRunWithoutTimeHasNoRate() {
        var summary = plain
        summary.wallSeconds = 0
        #expect(summary.totalTokensPerSecond == 0)
        #expect(summary.outputTokensPerSecond == 0)
    }

    @Test func theTableHasUnits() {
        #expect(
            full.table(title: "Done", style: .ascii) == """
                Done
                ----
                model              tiny
                policy             td-pipe
                stages             2, 1 thread each
                requests           48, 2 failed
                prompt tokens      3,000
                output tokens      1,000
                wall time          8.00 s
                throughput         500 tok/s
                output throughput  125 tok/s
                bubble ratio       6.3 %
                stage busy         7.50 / 7.25 s
                phase switches     6
                preemptions        3, 1,411 tokens recomputed
                KV blocks, peak    384 of 512 (75 %)
                KV pool            256.0 MiB
                weights            86.8 MiB
                peak memory        512.0 MiB

                """)
    }

    @Test func whatIsNotKnownIsNotShown() {
        let labels = plain.lines().map(\.label)
        #expect(!labels.contains("model"))
        #expect(!labels.contains("peak memory"))
        #expect(plain.lines().contains(.init(label: "requests", value: "48")))
        #expect(plain.lines().contains(.init(label: "preemptions", value: "0")))
    }

    @Test func manyStagesAreSummedUp() {
        var summary = plain
        summary.stageBusySeconds = (0..<16).map { 1000 + Double($0) }
        #expect(summary.lines(style: .ascii).contains(.init(label: "stage busy", value: "1,000 to 1,015 s")))
    }

    @Test func aModelNameCannotSteerTheTerminal() {
        var summary = plain
        summary.model = "a\u{1B}[2J\nb"
        #expect(summary.table(style: .ascii).contains("model              a [2J b\n"))
    }
}
