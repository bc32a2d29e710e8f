import Foundation
import TestTools
import Testing

extension CommandTests {
    /// `--stats`, `--timeline` and `--trace`.
    @Suite("figures", .enabled(if: Settings.cache != nil, CommandTests.needsCache))
    struct FiguresTests {
        private static let plan = RunPlan(stages: 2, policy: "separate", chunk: 64, pool: 1 << 19)

        /// Requests of one choice that all end at their length, so that every token can be accounted for.
        private func batch() throws -> Batch {
            var file = RequestFile()
            var generator = SplitMix(seed: 4)
            for index in 0..<40 {
                let prompt = Words.tokens(10 + index * 5, using: &generator)
                try file.add("\(index)", ["prompt": prompt, "max_tokens": 60, "ignore_eos": true, "temperature": 0])
            }
            return try Batch(file)
        }

        @Test("every figure is there and agrees with the others")
        func stats() throws {
            let batch = try batch()
            let (answers, figures) = try batch.runWithFigures("out", Self.plan.arguments)
            let lines = try answers.ids.map { try answers.answer($0) }
            let prompts = lines.reduce(0) { $0 + ($1.promptTokens ?? 0) }
            let outputs = lines.reduce(0) { $0 + ($1.completionTokens ?? 0) }
            try #require(prompts == (0..<40).reduce(0) { $0 + 10 + $1 * 5 } && outputs == 40 * 60)

            #expect(figures.values["policy"]?.string == "separate")
            #expect(try figures.integer("stages") == 2)
            #expect(try figures.integer("threads") == 1)
            #expect(try figures.integer("requests") == 40)
            #expect(try figures.integer("prompt_tokens") == prompts)
            #expect(try figures.integer("output_tokens") == outputs)
            let wall = try figures.number("wall_seconds")
            #expect(wall > 0 && wall < figures.seen.seconds)
            #expect(isClose(try figures.number("total_tokens_per_second"), Double(prompts + outputs) / wall))
            #expect(isClose(try figures.number("output_tokens_per_second"), Double(outputs) / wall))
            let busy = try #require(figures.values["stage_busy_seconds"]?.elements).compactMap(\.number)
            #expect(busy.count == 2 && busy.allSatisfy { $0 > 0 && $0 <= wall })
            let bubble = try figures.number("bubble_ratio")
            #expect((0..<1).contains(bubble))
            // Busy time over the share of it is the time from the first span to the last, within the run.
            #expect(busy.reduce(0, +) / (1 - bubble) / 2 <= wall * 1.001)
            #expect(try figures.integer("phase_switches") > 0)
            #expect(try figures.integer("preemptions") > 0)
            #expect(try figures.integer("recomputed_tokens") >= figures.integer("preemptions"))
            #expect(try figures.integer("kv_blocks_total") == 64)
            #expect(try (33...64).contains(figures.integer("kv_blocks_peak")))
            #expect(try figures.integer("kv_pool_bytes") == 1 << 19)
            #expect(try figures.integer("failed_requests") == 0)
            #expect(try figures.integer("weights_bytes") > 100_000)
            #expect(figures.values["model"]?.string == "tiny")
        }

        @Test("auto runs where no policy is named, and tells of its trials everywhere")
        func auto() throws {
            let batch = try batch()
            let (page, trace) = (batch.folder.file("t.html"), batch.folder.file("t.json"))
            let stats = batch.folder.file("stats")
            let plan = ["--stages", "2", "--threads", "1", "--kv-memory", "\(1 << 19)", "--prefill-chunk", "64"]
            let result = try tideway(
                batch.arguments(output: "out", plan + ["--timeline", page, "--trace", trace, "--stats", stats]))
            try #require(result.status == 0, "\(result.errors)")
            let figures = try JSONTree(parsing: bytes(of: stats))
            #expect(figures["policy"]?.string == "auto")
            let trials = try #require(figures["policy_trials"]?.elements)
            let first = try #require(trials.first)
            #expect(first["occasion"]?.string == "start" && first["micro_batch"]?.integer == 0)
            #expect(first["waiting"]?.integer == 40 && first["active"]?.integer == 0)
            #expect(first["in_charge"]?.string == "td-pipe")
            #expect(
                first["candidates"]?.elements?.compactMap { $0["policy"]?.string } == [
                    "td-pipe", "td-pipe+piggyback=off", "hybrid+chunk=64", "throttle+chunk=64",
                ])
            #expect(trials.compactMap { $0["number"]?.integer } == Array(1...trials.count))
            let chosen = try #require(first["chosen"]?.string)
            #expect(result.errors.contains("auto: \(chosen)"), "\(result.errors)")
            let html = String(decoding: bytes(of: page), as: UTF8.self)
            #expect(html.contains("<dd>auto: \(chosen)") && html.contains("Trials of policies"))
            let events = try #require(try JSONTree(parsing: bytes(of: trace))["traceEvents"]?.elements)
            #expect(events.count { $0["cat"]?.string == "trial of policies" } == trials.count)

            let (other, others) = try batch.runWithFigures("other", Self.plan.arguments)
            #expect(others.values["policy_trials"] == nil)
            #expect(try OutputFile(batch.folder.file("out")).differences(from: other) == [])
        }

        @Test("without preemption nothing is recomputed, and fewer blocks are in use than there are")
        func roomy() throws {
            let (_, figures) = try batch().runWithFigures("out")
            #expect(try figures.integer("preemptions") == 0)
            #expect(try figures.integer("recomputed_tokens") == 0)
            #expect(try figures.integer("kv_blocks_peak") < figures.integer("kv_blocks_total"))
        }

        @Test("the peak of memory is what the system saw")
        func memory() throws {
            let (_, figures) = try Batch(LongWork.file()).runWithFigures("out", ["--kv-memory", "32MiB"])
            let peak = try figures.integer("peak_rss_bytes")
            #expect(peak > 5_000_000)
            #if os(Linux)
                #expect(abs(Double(peak) / Double(figures.seen.peakMemory) - 1) < 0.1, "\(figures.seen.peakMemory)")
            #endif
        }

        @Test("the trace accounts for every token of every stage")
        func trace() throws {
            let batch = try batch()
            let path = batch.folder.file("trace.json")
            let (_, figures) = try batch.runWithFigures("out", Self.plan.arguments + ["--trace", path])
            let events = try #require(try JSONTree(parsing: bytes(of: path))["traceEvents"]?.elements)
            let recomputed = try figures.integer("recomputed_tokens")
            // A token's keys and values are computed once, but for the last token of each answer, which needs none.
            let computed = try figures.integer("prompt_tokens") + figures.integer("output_tokens") - 40 + recomputed
            let busy = try #require(figures.values["stage_busy_seconds"]?.elements).compactMap(\.number)
            for stage in 0..<2 {
                let spans = events.filter { $0["ph"]?.string == "X" && $0["tid"]?.integer == stage }
                // A micro-batch passes the layers of a stage once, and its share of the output head once more.
                let layers = spans.filter { $0["cat"]?.string == "layers" }
                #expect(layers.reduce(0) { $0 + ($1["args"]?["tokens"]?.integer ?? 0) } == computed)
                #expect(spans.allSatisfy { $0["cat"]?.string == "layers" || $0["cat"]?.string == "head" })
                let times = spans.compactMap { span in
                    span["ts"]?.number.flatMap { ts in span["dur"]?.number.map { (begin: ts, end: ts + $0) } }
                }
                #expect(times.count == spans.count && times.allSatisfy { $0.begin >= 0 && $0.end >= $0.begin })
                let overlaps = zip(times, times.dropFirst()).count { $0.end > $1.begin + 0.002 }
                #expect(overlaps == 0, "a stage computes one micro-batch at a time")
                #expect(isClose(times.reduce(0) { $0 + $1.end - $1.begin } / 1e6, busy[stage], 0.01))
            }
        }

        @Test("the timeline is one page that needs nothing else")
        func timeline() throws {
            let batch = try batch()
            let path = batch.folder.file("timeline.html")
            let reference = try batch.run("reference")
            let answers = try batch.run("out", Self.plan.arguments + ["--timeline", path])
            #expect(answers.differences(from: reference) == [])
            let page = String(decoding: bytes(of: path), as: UTF8.self)
            #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("</html>") && page.utf8.count > 10_000)
            #expect(page.contains("separate") && page.contains("tiny"))
            for outside in ["src=\"", "href=\"", "@import", "http://", "https://"] {
                #expect(!page.contains(outside), "\(outside)")
            }
            let leftOver = try FileManager.default.contentsOfDirectory(atPath: batch.folder.path)
            #expect(Set(leftOver) == ["in.jsonl", "reference", "out", "timeline.html"])
        }

        @Test("the summary goes to standard error, and --quiet silences it")
        func summary() throws {
            let batch = try batch()
            let loud = try tideway(batch.arguments(output: "loud"))
            #expect(loud.output.isEmpty && loud.errors.contains("40") && loud.errors.contains("tok/s"))
            let quiet = try tideway(batch.arguments(output: "quiet", ["--quiet"]))
            #expect(quiet.output.isEmpty && quiet.errors.isEmpty)
        }

        private func isClose(_ a: Double, _ b: Double, _ tolerance: Double = 1e-6) -> Bool {
            abs(a - b) <= tolerance * max(abs(a), abs(b))
        }
    }
}
