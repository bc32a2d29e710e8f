import TestTools

/// Requests of every kind for the models with random weights: prompts around the sizes of KV blocks and prefill chunks,
/// greedy and drawn answers, and all that looks at earlier tokens.
enum VariedRequests {
    /// The longest of them has 513 prompt tokens and 24 new ones, 34 KV blocks of 16 tokens.
    static func file() throws -> RequestFile {
        var file = RequestFile()
        var generator = SplitMix(seed: 20)
        for (index, length) in [1, 15, 16, 17, 63, 64, 65, 130, 511, 512, 513].enumerated() {
            var fields: [String: JSONTree] = [
                "prompt": Words.tokens(length, using: &generator), "max_tokens": 24, "ignore_eos": true,
            ]
            for (key, value) in drawing(index) { fields[key] = value }
            try file.add("length-\(length)", .object(fields))
        }
        for (index, extra) in special.enumerated() {
            var fields: [String: JSONTree] = [
                "prompt": .string(Words.text(20 + 5 * index, using: &generator)), "max_tokens": 90,
                "ignore_eos": true, "temperature": 1, "seed": .number(Double(index)),
            ]
            for (key, value) in extra { fields[key] = value }
            try file.add("special-\(index)", .object(fields))
        }
        for role in ["user", "system"] {
            let message: JSONTree = ["role": .string(role), "content": .string(Words.text(12, using: &generator))]
            try file.add("chat-\(role)", ["messages": [message], "max_tokens": 40, "temperature": 0])
        }
        return file
    }

    private static func drawing(_ index: Int) -> [String: JSONTree] {
        switch index % 3 {
        case 0: ["temperature": 0]
        case 1: ["temperature": 1, "seed": .number(Double(index))]
        default: ["temperature": 0.8, "top_p": 0.9]
        }
    }

    private static let special: [[String: JSONTree]] = [
        ["top_k": 5], ["min_p": 0.05], ["top_p": 0.5, "top_k": 40], ["n": 3], ["n": 2, "logprobs": 3],
        ["temperature": 0, "logprobs": 5], ["repetition_penalty": 1.3], ["temperature": 0, "repetition_penalty": 1.5],
        ["presence_penalty": 1.5, "frequency_penalty": 0.5], ["temperature": 0, "frequency_penalty": 2],
        ["logit_bias": ["17": 5, "40": -100]], ["ignore_eos": false, "min_tokens": 30],
    ]
}
