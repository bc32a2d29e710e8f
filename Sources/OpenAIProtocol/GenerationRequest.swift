import Platform
import Scheduling

/// The two kinds of request that a line can make.
public enum Endpoint: String, Sendable, Hashable, CaseIterable {
    /// Messages, answered in the role of the assistant.
    case chat = "/v1/chat/completions"
    /// A text or tokens, continued.
    case completion = "/v1/completions"
}

/// What the model continues.
public enum Prompt: Sendable, Hashable {
    /// A dialogue for the model's chat template. `tools` is the request's array of tools, nil if it is absent or empty,
    /// or if `tool_choice` is "none".
    case messages([ChatMessage], tools: JSONValue?)
    /// A text, used unchanged; never empty.
    case text(String)
    /// Tokens, used unchanged: at least one, and none negative. Whether they are in the vocabulary is not checked yet.
    case tokens([TokenID])
}

/// One request of an input file; every limit that does not depend on the model has been checked.
public struct GenerationRequest: Sendable, Hashable {
    /// The line of the input file, counted from 1.
    public let lineNumber: Int
    /// The line's own id, or `line-<number>`.
    public let customID: String
    /// The kind of request.
    public let endpoint: Endpoint
    /// What the model continues.
    public let prompt: Prompt
    /// The model's name from the request, which the answer repeats.
    public let model: String?
    /// The most tokens to generate for each choice; nil means up to the end of the context.
    public let maxTokens: Int?
    /// How to draw tokens. The engine fills in `seedKey` and `suppressedUntilMinimum`.
    public let sampling: SamplingParameters
    /// The request's seed; nil lets the run choose a seed.
    public let seed: Int64?
    /// Texts that end the answer and are not part of it: at most 16, none empty.
    public let stop: [String]
    /// Tokens that end the answer, in addition to the model's own.
    public let stopTokenIDs: [TokenID]
    /// Whether the model's end-of-sequence tokens are generated like any other.
    public let ignoreEOS: Bool
    /// The number of answers, 1...128.
    public let n: Int
    /// A hash of the line's bytes, its id and the run's options; see `RequestDigest`.
    public let digest: UInt64

    /// Whether the answer carries log-probabilities; `sampling.topLogprobs` says how many alternatives.
    public var wantsLogprobs: Bool { sampling.topLogprobs != nil }
}

extension GenerationRequest {
    /// The values that `n` may have.
    public static let choices = 1...128

    /// Makes a request in a program. Limits are checked when the request is submitted.
    ///
    /// - Parameters:
    ///   - prompt: messages make a request of `Endpoint.chat`, a text or tokens one of `Endpoint.completion`.
    ///   - id: replaces a missing seed: requests with the same id draw the same numbers.
    ///   - maxTokens: nil: up to the end of the context.
    ///   - stop: texts that end the answer and are not part of it.
    ///   - n: the number of answers, 1...128.
    public init(
        _ prompt: Prompt, id: String = "", maxTokens: Int? = nil, sampling: SamplingParameters = SamplingParameters(),
        seed: Int64? = nil, stop: [String] = [], stopTokenIDs: [TokenID] = [], ignoreEOS: Bool = false, n: Int = 1
    ) {
        let isChat = if case .messages = prompt { true } else { false }
        self.init(
            lineNumber: 0, customID: id, endpoint: isChat ? .chat : .completion, prompt: prompt, model: nil,
            maxTokens: maxTokens, sampling: sampling, seed: seed, stop: stop, stopTokenIDs: stopTokenIDs,
            ignoreEOS: ignoreEOS, n: n, digest: 0)
    }

    /// A question to a chat model, answered greedily.
    public init(user text: String, maxTokens: Int? = nil) {
        self.init(
            .messages([ChatMessage(role: .user, content: text)], tools: nil), maxTokens: maxTokens, sampling: .greedy)
    }
}

/// A line that cannot be run, and why. The line still has an id, so that it gets its own line of output.
public struct RefusedRequest: Sendable, Hashable {
    /// The line of the input file, counted from 1.
    public let lineNumber: Int
    /// The line's own id, or `line-<number>` if no id can be read.
    public let customID: String
    /// A hash of the line's bytes, its id and the run's options; see `RequestDigest`.
    public let digest: UInt64
    /// Why the line was refused.
    public let error: ProtocolError
}

/// The result of parsing one line of input.
public enum ParsedLine: Sendable, Hashable {
    case request(GenerationRequest)
    case invalid(RefusedRequest)

    /// The line of the input file, counted from 1.
    public var lineNumber: Int {
        switch self {
        case .request(let request): request.lineNumber
        case .invalid(let refused): refused.lineNumber
        }
    }

    /// The line's own id, or `line-<number>`.
    public var customID: String {
        switch self {
        case .request(let request): request.customID
        case .invalid(let refused): refused.customID
        }
    }

    /// A hash of the line's bytes, its id and the run's options; see `RequestDigest`.
    public var digest: UInt64 {
        switch self {
        case .request(let request): request.digest
        case .invalid(let refused): refused.digest
        }
    }
}
