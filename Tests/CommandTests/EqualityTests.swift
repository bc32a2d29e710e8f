import TestTools
import Testing

extension CommandTests {
    /// The promise that a request's tokens never depend on how it was run, on models with random weights. Answers are
    /// compared whole: text, tokens, finish reasons, log-probabilities, counts.
    @Suite("equality", .enabled(if: Settings.cache != nil, CommandTests.needsCache))
    struct EqualityTests {
        /// A pool of this many blocks holds one of the longest requests and little else.
        private static let fewBlocks = 40

        @Test("stages, threads, policies, chunks and small pools change no answer")
        func matrix() throws {
            let batch = try Batch(VariedRequests.file())
            let (reference, figures) = try batch.runWithFigures("reference", RunPlan().arguments)
            try #require(reference.ids.count == 25)
            #expect(try figures.integer("preemptions") == 0)
            var runs = 0
            for stages in 1...4 {
                for threads in 1...2 {
                    for policy in ["separate", "hybrid", "throttle", "td-pipe", "auto"] {
                        // Two policies carry the whole matrix; the others have the ends of it, and auto, which goes
                        // from one of them to another, has one.
                        let whole = policy == "separate" || policy == "hybrid" ? [7, 64, 512] : [7, 512]
                        for chunk in policy == "auto" ? [64] : whole {
                            var plan = RunPlan(stages: stages, threads: threads, policy: policy, chunk: chunk)
                            try check(batch, plan, against: reference, preempts: false)
                            plan.pool = try Self.smallPool(figures)
                            try check(batch, plan, against: reference, preempts: true)
                            runs += 2
                        }
                    }
                }
            }
            #expect(runs == 176)
        }

        @Test("each part of td-pipe can be exchanged, and changes no answer")
        func ablations() throws {
            let batch = try Batch(VariedRequests.file())
            let (reference, figures) = try batch.runWithFigures("reference", RunPlan().arguments)
            let pool = try Self.smallPool(figures)
            let options: [[String]] = [
                [], ["greedy=fixed:0.3"], ["greedy=fixed:1"], ["stealing=off"], ["switch=released"],
                ["switch=marginal"], ["switch=fixed:0.4"], ["greedy=fixed:0.7", "stealing=off", "switch=fixed:0.4"],
            ]
            let lengths = ["history", "oracle", "constant:8", "prompt-length"]
            for (index, parts) in options.enumerated() {
                for stages in [2, 4] {
                    var plan = RunPlan(stages: stages, policy: "td-pipe", chunk: index % 2 == 0 ? 64 : 7)
                    if stages == 4 { plan.pool = pool }
                    let extra = parts.isEmpty ? [] : ["--td-pipe", parts.joined(separator: ",")]
                    let predictor = ["--lengths", lengths[index % lengths.count]]
                    let answers = try batch.run("\(index)-\(stages)", plan.arguments + predictor + extra)
                    #expect(answers.differences(from: reference) == [], "\(parts), \(stages) stages")
                }
            }
        }

        @Test(
            "the same for every model family",
            arguments: ["llama-mixed", "llama-rope-linear", "llama-rope-llama3", "qwen2", "qwen3"])
        func families(name: String) throws {
            let batch = try Batch(VariedRequests.file(), model: Settings.tiny(name))
            let (reference, figures) = try batch.runWithFigures("reference", RunPlan().arguments)
            let pool = try Self.smallPool(figures)
            for plan in [
                RunPlan(stages: 2, threads: 1, policy: "separate", chunk: 64),
                RunPlan(stages: 3, threads: 2, policy: "hybrid", chunk: 7),
                RunPlan(stages: 2, threads: 2, policy: "throttle", chunk: 64),
                RunPlan(stages: 3, threads: 1, policy: "td-pipe", chunk: 512),
            ] {
                try check(batch, plan, against: reference, preempts: false)
                var small = plan
                small.pool = pool
                try check(batch, small, against: reference, preempts: true)
            }
        }

        @Test("a request alone gets the answer that it gets among others")
        func alone() throws {
            let requests = try VariedRequests.file()
            let together = try Batch(requests).run("out")
            for single in requests.singles {
                let alone = try Batch(single).run("out")
                #expect(alone.ids == single.ids)
                #expect(alone.stable[single.ids[0]] == together.stable[single.ids[0]], "\(single.ids[0])")
            }
        }

        @Test("the order of the lines changes no answer")
        func order() throws {
            let requests = try VariedRequests.file()
            var shuffled = RequestFile()
            var generator = SplitMix(seed: 3)
            for line in requests.lines.shuffled(using: &generator) { shuffled.add(raw: line) }
            try #require(shuffled.lines != requests.lines)
            let reference = try Batch(requests).run("out")
            #expect(try Batch(shuffled).run("out").differences(from: reference) == [])
        }

        @Test("the limit of sequences changes no answer; the precision of activations does")
        func sequences() throws {
            let batch = try Batch(VariedRequests.file())
            let reference = try batch.run("reference")
            for most in [1, 3] {
                let answers = try batch.run("\(most)", ["--max-sequences", "\(most)"])
                #expect(answers.differences(from: reference) == [], "\(most) sequences")
            }
            // A setting that does change tokens, as a check on the comparison.
            let precise = try batch.run("precise", ["--activations", "f32"])
            #expect(Set(precise.ids) == Set(reference.ids))
            #expect(precise.differences(from: reference).count > 5)
        }

        @Test("8-bit keys and values: other answers, the same on any stages, more blocks in the same memory")
        func bytes() throws {
            let batch = try Batch(VariedRequests.file())
            let (halves, before) = try batch.runWithFigures("halves", ["--kv-memory", "1MiB"])
            let (reference, figures) = try batch.runWithFigures("bytes", ["--kv-memory", "1MiB", "--kv-type", "q8"])
            #expect(reference.differences(from: halves).count > 5)
            #expect(figures.values["kv_type"]?.string == "q8" && before.values["kv_type"] == nil)
            let (few, many) = (try before.integer("kv_blocks_total"), try figures.integer("kv_blocks_total"))
            // Bytes in place of halves, and a scale of four bytes for each vector of a head, of 16 elements here.
            #expect(many > 3 * few / 2 && many < 2 * few, "\(few) and \(many) blocks")
            let plans = [(stages: 2, policy: "td-pipe"), (3, "hybrid"), (2, "separate"), (4, "throttle")]
            for (stages, policy) in plans {
                let arguments = [
                    "--kv-type", "q8", "--stages", "\(stages)", "--policy", policy, "--prefill-chunk", "7",
                ]
                let answers = try batch.run("\(policy)", arguments)
                #expect(answers.differences(from: reference) == [], "\(policy), \(stages) stages")
            }
        }

        private static func smallPool(_ figures: Figures) throws -> Int {
            try figures.integer("kv_pool_bytes") / figures.integer("kv_blocks_total") * fewBlocks
        }

        private func check(_ batch: Batch, _ plan: RunPlan, against reference: OutputFile, preempts: Bool) throws {
            let (answers, figures) = try batch.runWithFigures("out-\(plan)", plan.arguments)
            #expect(answers.differences(from: reference) == [], "\(plan)")
            #expect(figures.values["policy"]?.string == plan.policy)
            #expect(figures.values["stage_layers"]?.elements?.count == plan.stages)
            let preemptions = try figures.integer("preemptions")
            // td-pipe forecasts the pool, and throttle keeps a part of it free: they may do without preemption.
            if !preempts || ["separate", "hybrid"].contains(plan.policy) {
                #expect((preemptions > 0) == preempts, "\(plan): \(preemptions) preemptions")
            }
        }
    }
}
