import TestTools
import Testing

extension CommandTests {
    /// Requests that can never run are refused with both numbers, and their neighbours go on.
    @Suite("limits", .enabled(if: Settings.cache != nil, CommandTests.needsCache))
    struct AdmissionTests {
        private func requests() throws -> RequestFile {
            var file = RequestFile()
            var generator = SplitMix(seed: 1)
            func add(_ id: String, _ prompt: Int, _ answer: Int) throws {
                try file.add(
                    id,
                    [
                        "prompt": Words.tokens(prompt, using: &generator), "max_tokens": .number(Double(answer)),
                        "ignore_eos": true, "temperature": 0,
                    ])
            }
            try add("small-1", 20, 10)
            try add("whole-context", 1000, 24)
            try add("over-context", 1000, 25)
            try add("small-2", 30, 10)
            try add("over-pool", 300, 22)
            // The last token's keys and values are never needed, so 321 tokens fit into a pool of 320.
            try add("whole-pool", 300, 21)
            try add("small-3", 40, 10)
            return file
        }

        @Test("the context")
        func context() throws {
            let answers = try Batch(requests()).run("out", status: 3)
            let refused = try answers.answer("over-context")
            #expect(refused.errorCode == "context_length_exceeded")
            let message = try #require(refused.errorMessage)
            #expect(["1000", "25", "1024"].allSatisfy(message.contains), "\(message)")
            #expect(try answers.answer("whole-context").choice.tokens.count == 24)
            #expect(try answers.answer("over-pool").choice.tokens.count == 22)
        }

        @Test("the pool", arguments: ["separate", "hybrid"])
        func pool(policy: String) throws {
            let batch = try Batch(requests())
            let roomy = try batch.run("roomy", status: 3)
            // 20 blocks of 16 tokens, 8 KiB each.
            let answers = try batch.run("out", RunPlan(stages: 2, policy: policy, pool: 20 << 13).arguments, status: 3)
            let refused = try answers.answer("over-pool")
            #expect(refused.errorCode == "kv_pool_exceeded")
            let message = try #require(refused.errorMessage)
            #expect(["300", "22", "320"].allSatisfy(message.contains), "\(message)")
            #expect(try answers.answer("over-context").errorCode != nil)
            for id in ["small-1", "small-2", "small-3", "whole-pool"] {
                #expect(answers.stable[id] == roomy.stable[id], "\(id)")
            }
        }

        @Test("a pool of one block, and one of none")
        func smallest() throws {
            var file = RequestFile()
            try file.add("fits", ["prompt": [5, 6, 7], "max_tokens": 14, "ignore_eos": true])
            try file.add("also", ["prompt": [5, 6, 8], "max_tokens": 14, "ignore_eos": true])
            try file.add("over", ["prompt": [5, 6, 7], "max_tokens": 15, "ignore_eos": true])
            let batch = try Batch(file)
            let answers = try batch.run("out", ["--kv-memory", "8KiB"], status: 3)
            #expect(try answers.answer("fits").choice.tokens.count == 14)
            #expect(try answers.answer("also").choice.tokens.count == 14)
            #expect(try answers.answer("over").errorCode == "kv_pool_exceeded")

            let none = try tideway(batch.arguments(output: "none", ["--kv-memory", "8191"]))
            #expect(none.status == 1 && none.errorLines.count == 1)
            #expect(none.errors.contains("8191") && none.errors.contains("8192"), "\(none.errors)")
        }
    }
}
