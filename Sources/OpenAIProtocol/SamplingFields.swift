import Platform
import Scheduling

extension FieldReader {
    /// The most entries of `logit_bias` and of `stop_token_ids`.
    static let maximumTokenList = 4096

    /// Reads the fields that say how tokens are drawn. The caller reads `seed`.
    mutating func sampling(for endpoint: Endpoint) throws(ProtocolError) -> SamplingParameters {
        var sampling = SamplingParameters()
        sampling.temperature = try number("temperature", in: 0...2) ?? 1
        // A `top_p` that a float rounds to zero would keep no token at all.
        sampling.topP = max(try positiveNumber("top_p", upTo: 1) ?? 1, .leastNormalMagnitude)
        sampling.topK = max(0, Int(try integer("top_k", in: -1...Int64(Int32.max)) ?? 0))
        sampling.minP = try number("min_p", in: 0...1) ?? 0
        sampling.repetitionPenalty = try number("repetition_penalty", in: 0.01...100) ?? 1
        sampling.presencePenalty = try number("presence_penalty", in: -2...2) ?? 0
        sampling.frequencyPenalty = try number("frequency_penalty", in: -2...2) ?? 0
        sampling.logitBias = try logitBias()
        sampling.minTokens = Int(try integer("min_tokens", in: 0...Int64(Int32.max)) ?? 0)
        sampling.topLogprobs = try topLogprobs(for: endpoint)
        return sampling
    }

    private mutating func positiveNumber(_ key: String, upTo limit: Double) throws(ProtocolError) -> Float? {
        guard let value = take(key) else { return nil }
        if let number = value.number, number <= 0 {
            throw valueError(key, "a number above 0 and at most \(Int(limit))", value)
        }
        return try number(value, named: key, in: 0...limit)
    }

    /// Reads `logit_bias`, sorted by token so that the order of the members makes no difference.
    private mutating func logitBias() throws(ProtocolError) -> [LogitBias] {
        guard let value = take("logit_bias") else { return [] }
        guard let members = value.members else { throw typeError("logit_bias", "an object", value) }
        guard members.count <= Self.maximumTokenList else {
            throw error(
                .invalidValue, "logit_bias", "takes at most \(Self.maximumTokenList) tokens, not \(members.count)")
        }
        var biases: [LogitBias] = []
        for member in members {
            // Only the canonical form is accepted: "7" and "07" would name one token twice.
            guard let token = TokenID(member.key), token >= 0, token.description == member.key else {
                throw error(
                    .invalidValue, "logit_bias",
                    "must have token ids as keys, one of them is \(JSONWriter.quoted(member.key))")
            }
            let bias = try number(member.value, named: "logit_bias.\(member.key)", in: -100...100)
            biases.append(LogitBias(token: token, bias: bias))
        }
        return biases.sorted { $0.token < $1.token }
    }

    /// For chats `logprobs` is a flag and `top_logprobs` the number of alternatives; for completions `logprobs` is the
    /// number of alternatives.
    private mutating func topLogprobs(for endpoint: Endpoint) throws(ProtocolError) -> Int? {
        switch endpoint {
        case .completion:
            if let value = take("top_logprobs") {
                throw error(
                    .unsupported, "top_logprobs",
                    "has no meaning for \(endpoint.rawValue), the value is \(describe(value)): use logprobs")
            }
            return try integer("logprobs", in: 0...20).map { Int($0) }
        case .chat:
            let isWanted = try bool("logprobs") ?? false
            let count = try integer("top_logprobs", in: 0...20)
            if let count, !isWanted {
                throw error(.invalidValue, "top_logprobs", "needs logprobs to be true, the value is \(count)")
            }
            return isWanted ? Int(count ?? 0) : nil
        }
    }

    /// `stop`: one string or up to 16 strings, none empty.
    mutating func stopStrings() throws(ProtocolError) -> [String] {
        guard let value = take("stop") else { return [] }
        let wanted = "a string or an array of up to 16 strings"
        var texts: [String] = []
        if let text = value.string {
            texts = [text]
        } else {
            guard let elements = value.elements else { throw typeError("stop", wanted, value) }
            guard elements.count <= 16 else { throw valueError("stop", wanted, value) }
            for (index, element) in elements.enumerated() {
                guard let text = element.string else { throw typeError("stop[\(index)]", "a string", element) }
                texts.append(text)
            }
        }
        guard !texts.contains("") else { throw error(.invalidValue, "stop", "must not hold \"\", an empty string") }
        return texts
    }

    /// An array of tokens, none negative; nil if the field is absent.
    mutating func tokenIDs(_ key: String) throws(ProtocolError) -> [TokenID]? {
        guard let elements = try array(key) else { return nil }
        return try tokenIDs(elements, named: key)
    }

    func tokenIDs(_ elements: [JSONValue], named key: String) throws(ProtocolError) -> [TokenID] {
        var tokens: [TokenID] = []
        tokens.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            tokens.append(TokenID(try integer(element, named: "\(key)[\(index)]", in: 0...Int64(TokenID.max))))
        }
        return tokens
    }
}
