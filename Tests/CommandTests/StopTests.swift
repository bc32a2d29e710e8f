import Foundation
import Testing

extension CommandTests {
    /// Stop strings and stop tokens.
    @Suite("stops", .enabled(if: Settings.cache != nil, CommandTests.needsCache))
    struct StopTests {
        private static let base: [String: JSONTree] = [
            "prompt": "the tide and the moon", "max_tokens": 120, "ignore_eos": true, "temperature": 1, "logprobs": 0,
        ]

        /// An answer without stops, and a text in it that begins in one token and ends in the next.
        private struct Border {
            let seed: Int
            let whole: Answer.Choice
            let stop: String
            /// Index of the token in which the text begins.
            let token: Int
        }

        /// Looks through answers with several seeds for tokens of plain letters that stand side by side.
        private func border() throws -> Border {
            var file = RequestFile()
            for seed in 0..<20 {
                try file.add("\(seed)", .object(Self.base.merging(["seed": .number(Double(seed))]) { $1 }))
            }
            let answers = try Batch(file).run("out")
            for seed in 0..<20 {
                let whole = try answers.answer("\(seed)").choice
                let pieces = (whole.logprobs?["tokens"]?.elements ?? []).compactMap(\.string)
                let isPlain = pieces.map { piece in
                    !piece.hasPrefix("bytes:") && piece.utf8.allSatisfy { $0 == 0x20 || 0x61...0x7A ~= $0 }
                }
                for index in 5..<(pieces.count - 5) where isPlain[index] && isPlain[index + 1] {
                    let stop = String(pieces[index].suffix(2) + pieces[index + 1].prefix(2))
                    guard pieces[index].count >= 2, pieces[index + 1].count >= 2,
                        occurrences(of: stop, in: whole.text) == 1
                    else { continue }
                    return Border(seed: seed, whole: whole, stop: stop, token: index)
                }
            }
            throw TestFailure("no answer has two plain tokens side by side")
        }

        private func occurrences(of text: String, in whole: String) -> Int {
            whole.indices.count { whole[$0...].hasPrefix(text) }
        }

        @Test("a stop string across two tokens ends the answer before it")
        func acrossTokens() throws {
            let border = try border()
            var file = RequestFile()
            func add(_ id: String, _ fields: [String: JSONTree]) throws {
                let seeded = Self.base.merging(["seed": .number(Double(border.seed))]) { $1 }
                try file.add(id, .object(seeded.merging(fields) { $1 }))
            }
            let stop = JSONTree.string(border.stop)
            try add("one", ["stop": stop])
            try add("several", ["stop": ["not in it at all", stop, "nor this"]])
            try add("absent", ["stop": "not in it at all"])
            try add("late", ["stop": stop, "min_tokens": .number(Double(border.token + 3))])
            let output = try Batch(file).run("out")
            let expected = try #require(border.whole.text.range(of: border.stop)).lowerBound
            for id in ["one", "several"] {
                let choice = try output.answer(id).choice
                #expect(choice.text == border.whole.text[..<expected])
                #expect(choice.finishReason == "stop")
                #expect(choice.tokens == Array(border.whole.tokens[...(border.token + 1)]))
            }
            #expect(try output.answer("absent").choice == border.whole)
            #expect(border.whole.finishReason == "length")
            // The text stood before min_tokens were there, and does not come again.
            #expect(try output.answer("late").choice == border.whole)
        }

        @Test("stop strings give the same answers in a pipeline as alone")
        func pipelined() throws {
            let border = try border()
            var file = RequestFile()
            for seed in 0..<12 {
                let own: [String: JSONTree] = [
                    "seed": .number(Double(seed)), "stop": [.string(border.stop), "e", "th"],
                ]
                try file.add("\(seed)", .object(Self.base.merging(own) { $1 }))
            }
            let batch = try Batch(file)
            let alone = try batch.run("alone", ["--max-sequences", "1"])
            let plan = RunPlan(stages: 3, policy: "separate", chunk: 7, pool: 1 << 18)
            #expect(try batch.run("out", plan.arguments).differences(from: alone) == [])
            let reasons = try alone.ids.map { try alone.answer($0).choice.finishReason }
            #expect(reasons.contains("stop"))
        }

        @Test("stop_token_ids end an answer with the token, and min_tokens puts them off")
        func tokens() throws {
            // Greedy: at a temperature, a token that is put off changes the draws before it too.
            var base: [String: JSONTree] = [
                "prompt": "the tide and the moon", "max_tokens": 60, "ignore_eos": true, "temperature": 0,
                "repetition_penalty": 1.3,
            ]
            var file = RequestFile()
            try file.add("whole", .object(base))
            let whole = try Batch(file).run("out").answer("whole").choice
            // A token that did not come before, so that the answer ends there and not earlier.
            let place = try #require((5..<40).first { !whole.tokens[..<$0].contains(whole.tokens[$0]) })
            base["stop_token_ids"] = [.number(Double(whole.tokens[place]))]
            file = RequestFile()
            try file.add("stops", .object(base))
            try file.add("late", .object(base.merging(["min_tokens": .number(Double(place + 2))]) { $1 }))
            let output = try Batch(file).run("out")
            let choice = try output.answer("stops").choice
            #expect(choice.tokens == Array(whole.tokens[...place]) && choice.finishReason == "stop")
            #expect(whole.text.hasPrefix(choice.text))
            let late = try output.answer("late").choice
            #expect(late.tokens.count >= place + 2)
            #expect(Array(late.tokens[..<place]) == Array(whole.tokens[..<place]))
            #expect(late.tokens[place] != whole.tokens[place])
        }
    }
}
