import Testing

extension CommandTests {
    /// The fields of a request that say which tokens are drawn.
    @Suite("sampling", .enabled(if: Settings.cache != nil, CommandTests.needsCache))
    struct SamplingTests {
        private static let base: [String: JSONTree] = [
            "prompt": "the tide and the moon", "max_tokens": 40, "ignore_eos": true, "temperature": 0,
        ]

        /// Runs requests that are the base with other fields, and gives the answers by their ids.
        private func run(_ variants: [(id: String, fields: [String: JSONTree])]) throws -> [String: Answer] {
            var file = RequestFile()
            for (id, fields) in variants { try file.add(id, .object(Self.base.merging(fields) { $1 })) }
            let output = try Batch(file).run("out")
            return try Dictionary(uniqueKeysWithValues: output.ids.map { ($0, try output.answer($0)) })
        }

        private func tokens(_ answers: [String: Answer], _ id: String) throws -> [Int] {
            try #require(answers[id]).choice.tokens
        }

        @Test("max_tokens is exact with ignore_eos, whatever else is asked")
        func exactLength() throws {
            let lengths = [1, 2, 15, 16, 17, 33, 250]
            let answers = try run(
                lengths.map { ("\($0)", ["max_tokens": .number(Double($0)), "temperature": 1, "seed": 4]) })
            for length in lengths {
                let choice = try #require(answers["\(length)"]).choice
                #expect(choice.tokens.count == length && choice.finishReason == "length")
                #expect(answers["\(length)"]?.completionTokens == length)
                // A shorter answer is the beginning of a longer one.
                #expect(try choice.tokens == Array(tokens(answers, "250").prefix(length)))
            }
        }

        @Test("temperature 0 and top_k 1 are the same; a temperature is not")
        func greedy() throws {
            let answers = try run([
                ("zero", [:]), ("one", ["temperature": 1, "top_k": 1, "seed": 3]),
                ("sharp", ["temperature": 2, "top_p": 0.000001, "seed": 9]), ("warm", ["temperature": 1, "seed": 3]),
            ])
            let greedy = try tokens(answers, "zero")
            #expect(try tokens(answers, "one") == greedy)
            #expect(try tokens(answers, "sharp") == greedy)
            #expect(try tokens(answers, "warm") != greedy)
        }

        @Test("a seed repeats an answer; another seed, or another id without one, gives another")
        func seeds() throws {
            let answers = try run([
                ("a", ["temperature": 1, "seed": 1]), ("b", ["temperature": 1, "seed": 1]),
                ("c", ["temperature": 1, "seed": 2]), ("d", ["temperature": 1]), ("e", ["temperature": 1]),
            ])
            #expect(try tokens(answers, "a") == tokens(answers, "b"))
            #expect(try Set(["a", "c", "d", "e"].map { try tokens(answers, $0) }).count == 4)
        }

        @Test("n answers differ, and are the same in every run")
        func choices() throws {
            let variants: [(id: String, fields: [String: JSONTree])] = [
                ("three", ["temperature": 1, "seed": 6, "n": 3]), ("one", ["temperature": 1, "seed": 6]),
                ("greedy", ["n": 2]),
            ]
            let first = try run(variants)
            let second = try run(variants.reversed())
            let three = try #require(first["three"])
            #expect(Set(three.choices.map(\.tokens)).count == 3)
            #expect(try three.choices == #require(second["three"]).choices)
            #expect(try three.choices[0].tokens == tokens(first, "one"))
            #expect(three.line["response"]?["body"]?["choices"]?.elements?.map { $0["index"]?.integer } == [0, 1, 2])
            #expect(three.completionTokens == 120)
            let greedy = try #require(first["greedy"]).choices
            #expect(greedy.count == 2 && greedy[0] == greedy[1])
        }

        @Test("logit_bias forces and forbids tokens")
        func bias() throws {
            let plain = try tokens(run([("plain", [:])]), "plain")
            let answers = try run([
                ("forced", ["logit_bias": ["77": 100]]),
                ("forbidden", ["logit_bias": [String(plain[0]): -100]]),
                ("drawn", ["logit_bias": ["77": 100], "temperature": 1, "seed": 1]),
                ("nothing", ["logit_bias": ["77": 0]]),
            ])
            #expect(try tokens(answers, "forced") == Array(repeating: 77, count: 40))
            #expect(try tokens(answers, "drawn") == Array(repeating: 77, count: 40))
            #expect(try !tokens(answers, "forbidden").contains(plain[0]))
            #expect(try tokens(answers, "nothing") == plain)
        }

        @Test("penalties keep tokens from coming again")
        func penalties() throws {
            let forced: JSONTree = ["77": 30]
            let answers = try run([
                ("none", ["logit_bias": forced]), ("unit", ["logit_bias": forced, "repetition_penalty": 1]),
                ("repetition", ["logit_bias": forced, "repetition_penalty": 100]),
                ("frequency", ["logit_bias": forced, "frequency_penalty": 2]),
                ("presence", ["logit_bias": ["77": 2], "presence_penalty": 2]),
                ("no-presence", ["logit_bias": ["77": 2]]),
            ])
            let none = try tokens(answers, "none")
            #expect(none.count { $0 == 77 } == 40)
            #expect(try tokens(answers, "unit") == none)
            let repetition = try tokens(answers, "repetition")
            #expect(repetition[0] == 77 && repetition.count { $0 == 77 } == 1)
            // 30 logits are gone after at most some 15 + 10 of them.
            let frequency = try tokens(answers, "frequency")
            #expect(frequency[..<5].allSatisfy { $0 == 77 } && (6...30).contains(frequency.count { $0 == 77 }))
            #expect(try tokens(answers, "presence") != tokens(answers, "no-presence"))
        }

        @Test("top_k, top_p and min_p narrow what is drawn")
        func narrowing() throws {
            let wide: [String: JSONTree] = ["temperature": 2, "seed": 12, "max_tokens": 200]
            let answers = try run([
                ("wide", wide), ("k", wide.merging(["top_k": 2]) { $1 }),
                ("p", wide.merging(["top_p": 0.3]) { $1 }), ("min", wide.merging(["min_p": 0.5]) { $1 }),
                ("all-k", wide.merging(["top_k": 512]) { $1 }), ("no-k", wide.merging(["top_k": -1]) { $1 }),
                ("logged", wide.merging(["top_k": 2, "logprobs": 2]) { $1 }),
            ])
            let all = try Set(["wide", "k", "p", "min"].map { try tokens(answers, $0) })
            #expect(all.count == 4)
            #expect(try tokens(answers, "no-k") == tokens(answers, "wide"))
            #expect(try tokens(answers, "logged") == tokens(answers, "k"))
            // With top_k 2 each token is one of the two likeliest.
            let logged = try #require(answers["logged"]).choice.logprobs
            let drawn = try #require(logged?["token_logprobs"]?.elements).compactMap(\.number)
            let top = try #require(logged?["top_logprobs"]?.elements)
            var seconds = 0
            for (value, likeliest) in zip(drawn, top) {
                let two = (likeliest.keys ?? []).compactMap { likeliest[$0]?.number }.sorted()
                #expect(two.contains(value))
                if two.count == 2, value == two[0] { seconds += 1 }
            }
            #expect(seconds > 20, "the second-likeliest token is drawn too")
        }

        @Test("an end-of-sequence token ends an answer, unless it is ignored or min_tokens asks for more")
        func endOfSequence() throws {
            // Token 2 is the models' <|im_end|>.
            let end: JSONTree = ["2": 100]
            let answers = try run([
                ("ends", ["logit_bias": end, "ignore_eos": false]), ("ignored", ["logit_bias": end]),
                ("minimum", ["logit_bias": end, "ignore_eos": false, "min_tokens": 9]),
            ])
            let ends = try #require(answers["ends"]).choice
            #expect(ends.tokens == [2] && ends.finishReason == "stop" && ends.text.isEmpty)
            #expect(try tokens(answers, "ignored") == Array(repeating: 2, count: 40))
            let minimum = try #require(answers["minimum"]).choice
            #expect(minimum.tokens.count == 10 && minimum.finishReason == "stop")
            #expect(minimum.tokens.firstIndex(of: 2) == 9)
        }

        @Test("a completion has 16 tokens unless told; the flag --ignore-eos is the field for all requests")
        func defaults() throws {
            var file = RequestFile()
            try file.add("short", ["prompt": "the tide", "temperature": 0])
            try file.add("eos", ["prompt": "the tide", "logit_bias": ["2": 100], "max_tokens": 5])
            let heeded = try Batch(file).run("out")
            #expect(try heeded.answer("eos").choice.tokens == [2])
            let ignored = try Batch(file, ignoresEOS: true).run("out")
            #expect(try ignored.answer("short").choice.tokens.count == 16)
            #expect(try ignored.answer("eos").choice.tokens == [2, 2, 2, 2, 2])
        }
    }
}
