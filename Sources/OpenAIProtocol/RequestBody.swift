import Scheduling

/// The body of a request, without the envelope of its line.
struct RequestBody {
    let endpoint: Endpoint
    let prompt: Prompt
    let model: String?
    let maxTokens: Int?
    let sampling: SamplingParameters
    let seed: Int64?
    let stop: [String]
    let stopTokenIDs: [TokenID]
    let ignoreEOS: Bool
    let n: Int

    /// The limit of a completion without `max_tokens`, as in OpenAI's API.
    static let defaultCompletionTokens = 16

    init(_ fields: FieldReader, endpoint: Endpoint) throws(ProtocolError) {
        var fields = fields
        self.endpoint = endpoint
        prompt = try fields.prompt(for: endpoint)
        model = try fields.string("model")
        maxTokens = try Self.maxTokens(&fields) ?? (endpoint == .completion ? Self.defaultCompletionTokens : nil)
        sampling = try fields.sampling(for: endpoint)
        seed = try fields.integer("seed", in: Int64.min...Int64.max)
        stop = try fields.stopStrings()
        stopTokenIDs = try Self.stopTokenIDs(&fields)
        ignoreEOS = try fields.bool("ignore_eos") ?? false
        n = Int(try fields.integer("n", in: 1...128) ?? 1)
        try Self.checkBestOf(&fields, n: n)
        try FieldRules.apply(to: &fields)
        try fields.refuseRest()
        if let maxTokens, sampling.minTokens > maxTokens {
            throw fields.error(
                .invalidValue, "min_tokens",
                "must be at most max_tokens, \(maxTokens); the value is \(sampling.minTokens)")
        }
    }

    /// Reads the limit under either of the two names that OpenAI's API has had for it.
    private static func maxTokens(_ fields: inout FieldReader) throws(ProtocolError) -> Int? {
        let old = try fields.integer("max_tokens", in: 1...Int64.max)
        let new = try fields.integer("max_completion_tokens", in: 1...Int64.max)
        if let old, let new, old != new {
            throw fields.error(
                .invalidValue, "max_completion_tokens", "must equal max_tokens, \(old); the value is \(new)")
        }
        return (new ?? old).map { Int($0) }
    }

    private static func stopTokenIDs(_ fields: inout FieldReader) throws(ProtocolError) -> [TokenID] {
        let tokens = try fields.tokenIDs("stop_token_ids") ?? []
        guard tokens.count <= FieldReader.maximumTokenList else {
            throw fields.error(
                .invalidValue, "stop_token_ids",
                "takes at most \(FieldReader.maximumTokenList) tokens, not \(tokens.count)")
        }
        return tokens
    }

    private static func checkBestOf(_ fields: inout FieldReader, n: Int) throws(ProtocolError) {
        guard let best = try fields.integer("best_of", in: 1...Int64.max), best != n else { return }
        throw fields.error(
            .unsupported, "best_of", "must equal n, \(n), since answers are not ranked; the value is \(best)")
    }
}
