import Foundation
import TestTools
import Testing

extension CommandTests {
    /// `tideway logits`, which also tells what `run` should have drawn.
    @Suite("logits", .enabled(if: Settings.cache != nil, CommandTests.needsCache))
    struct LogitsTests {
        private static let vocabulary = 512
        private let folder: TemporaryFolder

        init() throws { folder = try TemporaryFolder() }

        /// Rows of logits, one a position.
        private func logits(
            _ tokens: String, model: String = Settings.tiny(), _ extra: [String] = []
        ) throws -> [[Float]] {
            let input = try folder.write("tokens.json", tokens.utf8)
            let output = folder.file("logits")
            let result = try tideway(["logits", "--model", model, "--tokens", input, "--output", output] + extra)
            guard result.status == 0 else { throw TestFailure(result.errors) }
            let values = bytes(of: output).withUnsafeBytes { raw in
                (0..<raw.count / 4).map {
                    Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
                }
            }
            return stride(from: 0, to: values.count, by: Self.vocabulary).map {
                Array(values[$0..<($0 + Self.vocabulary)])
            }
        }

        @Test("one row a position, the same for every cut and number of threads")
        func rows() throws {
            var generator = SplitMix(seed: 2)
            let text = String(decoding: try Words.tokens(90, using: &generator).line, as: UTF8.self)
            let whole = try logits("[\(text),[7,8,9]]")
            #expect(whole.count == 93)
            #expect(whole.joined().allSatisfy { $0.isFinite })
            for extra in [
                ["--chunk", "1"], ["--chunk", "7"], ["--threads", "2"], ["--chunk", "64", "--threads", "2"],
            ] {
                let isSame = try logits("[\(text),[7,8,9]]", extra) == whole
                #expect(isSame, "\(extra)")
            }
            let isSame = try logits("[[7,8,9]]") == Array(whole[90...])
            #expect(isSame)
            let precise = try logits("[\(text),[7,8,9]]", ["--activations", "f32"])
            let distance = zip(precise.joined(), whole.joined()).map { abs($0 - $1) }.max() ?? 0
            #expect(distance > 0 && distance < 2, "logits have a standard deviation of about 3")
        }

        @Test(
            "greedy answers are the likeliest tokens of these rows",
            arguments: ["tiny", "qwen2", "qwen3", "llama-mixed"])
        func greedy(name: String) throws {
            var generator = SplitMix(seed: 5)
            let prompt = Words.tokens(40, using: &generator)
            var file = RequestFile()
            try file.add(
                "answer", ["prompt": prompt, "max_tokens": 30, "temperature": 0, "ignore_eos": true, "logprobs": 0])
            let batch = try Batch(file, model: Settings.tiny(name))
            let output = try batch.run("out", ["--stages", "2", "--prefill-chunk", "7"])
            let answer = try output.answer("answer").choice
            let all = try #require(prompt.elements).compactMap(\.integer) + answer.tokens.dropLast()
            let rows = try logits("[\(all)]", model: Settings.tiny(name)).dropFirst(39)
            try #require(rows.count == 30)
            let drawn = try #require(answer.logprobs?["token_logprobs"]?.elements).compactMap(\.number)
            for (index, row) in rows.enumerated() {
                let best = try #require(row.max())
                #expect(row.firstIndex(of: best) == answer.tokens[index], "token \(index)")
                let sum = row.reduce(0) { $0 + exp(Double($1 - best)) }
                #expect(abs(drawn[index] + log(sum)) < 1e-4)
            }
        }

        @Test("tokens that are none are refused")
        func badTokens() throws {
            for text in ["", "[", "7", "[]", "[[]]", "[[1],[]]", "[[1.5]]", "[[\"a\"]]", "[[99999999999]]", "[1]"] {
                let input = try folder.write("tokens.json", text.utf8)
                let result = try tideway(
                    ["logits", "--model", Settings.tiny(), "--tokens", input, "--output", folder.file("out")])
                #expect([1, 2].contains(result.status) && !result.isSignalled, "\(text): \(result.status)")
                #expect(!result.errors.isEmpty)
            }
            for text in ["[[512]]", "[[-1]]", "[[1,2,99999]]"] {
                let input = try folder.write("tokens.json", text.utf8)
                let result = try tideway(
                    ["logits", "--model", Settings.tiny(), "--tokens", input, "--output", folder.file("out")])
                #expect(result.status == 1 && !result.isSignalled && result.errorLines.count == 1, "\(result.errors)")
                #expect(result.errors.contains("512"), "\(result.errors)")
            }
        }
    }
}
