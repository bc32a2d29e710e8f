import Foundation
import Testing

extension CommandTests {
    /// Log-probabilities of both endpoints.
    @Suite("logprobs", .enabled(if: Settings.cache != nil, CommandTests.needsCache))
    struct LogprobTests {
        @Test("a chat's drawn tokens and their alternatives, greedy")
        func chat() throws {
            var file = RequestFile()
            let messages: JSONTree = [["role": "user", "content": "the tide"]]
            let base: [String: JSONTree] = [
                "messages": messages, "max_tokens": 30, "temperature": 0, "ignore_eos": true,
            ]
            try file.add("top", .object(base.merging(["logprobs": true, "top_logprobs": 5]) { $1 }))
            try file.add("drawn", .object(base.merging(["logprobs": true]) { $1 }))
            try file.add("none", .object(base))
            let output = try Batch(file).run("out")
            let choice = try output.answer("top").choice
            let positions = try #require(choice.logprobs?["content"]?.elements)
            #expect(positions.count == 30)
            for position in positions {
                let drawn = try #require(position["logprob"]?.number)
                let top = try #require(position["top_logprobs"]?.elements)
                let values = top.compactMap { $0["logprob"]?.number }
                #expect(values.count == 5 && values == values.sorted(by: >) && values.allSatisfy { $0 <= 0 })
                #expect(top[0]["bytes"] == position["bytes"] && values[0] == drawn)
                #expect(Set(top.map { $0["bytes"] }).count == 5)
                #expect(values.reduce(0) { $0 + exp($1) } <= 1.0001)
            }
            let text = positions.flatMap { $0["bytes"]?.elements ?? [] }.compactMap(\.integer).map { UInt8($0) }
            #expect(String(decoding: text, as: UTF8.self) == choice.text)

            let drawn = try output.answer("drawn").choice
            #expect(drawn.tokens == choice.tokens)
            let plain = try #require(drawn.logprobs?["content"]?.elements)
            #expect(plain.map { $0["logprob"] } == positions.map { $0["logprob"] })
            #expect(plain.allSatisfy { $0["top_logprobs"] == [] })
            #expect(try output.answer("none").choice.logprobs == .null)
        }

        @Test("a completion's lists have one entry a token, and drawing does not change the model's figures")
        func completion() throws {
            var file = RequestFile()
            let base: [String: JSONTree] = ["prompt": "the tide", "max_tokens": 30, "ignore_eos": true, "logprobs": 4]
            try file.add("greedy", .object(base.merging(["temperature": 0]) { $1 }))
            try file.add("hot", .object(base.merging(["temperature": 2, "seed": 8]) { $1 }))
            let forced: [String: JSONTree] = ["temperature": 0, "logit_bias": ["77": 100]]
            try file.add("forced", .object(base.merging(forced) { $1 }))
            let output = try Batch(file).run("out")
            var first: [JSONTree?] = []
            for id in ["greedy", "hot", "forced"] {
                let logprobs = try #require(try output.answer(id).choice.logprobs)
                for key in ["tokens", "token_logprobs", "top_logprobs", "text_offset"] {
                    #expect(logprobs[key]?.elements?.count == 30, "\(key)")
                }
                let offsets = try #require(logprobs["text_offset"]?.elements).compactMap(\.integer)
                #expect(offsets[0] == 0 && offsets == offsets.sorted())
                let values = try #require(logprobs["token_logprobs"]?.elements).compactMap(\.number)
                #expect(values.count == 30 && values.allSatisfy { $0 <= 0 })
                first.append(logprobs["top_logprobs"]?.elements?[0])
                let best = try #require(logprobs["top_logprobs"]?.elements).map { top in
                    (top.keys ?? []).compactMap { top[$0]?.number }.max()
                }
                let isBest = zip(values, best).count { $0 == $1 }
                #expect(id == "greedy" ? isBest == 30 : isBest < 30, "\(id): \(isBest)")
            }
            // All three have seen the same prompt.
            #expect(first[0] != nil && first[0] == first[1] && first[0] == first[2])
        }
    }
}
