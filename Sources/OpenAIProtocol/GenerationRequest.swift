import Platform
import Scheduling

/// The two kinds of request that a line can make.
public enum Endpoint: String, Sendable, Hashable, CaseIterable {
    /// Messages, answered in the role of the assistant.
    case chat = "/v1/chat/completions"
    /// A text or tokens, continued.
    case completion = "/v1/completions"
}

/// What a request asks the model to go on from.
public enum Prompt: Sendable, Hashable {
    /// A dialogue for the model's chat template. `tools` is the request's array of tools, nil without one or where
    /// `tool_choice` is "none".
    case messages([ChatMessage], tools: JSONValue?)
    /// A text as it stands, never empty.
    case text(String)
    /// Tokens as they stand, never empty and none negative. Whether the vocabulary holds them is not yet known.
    case tokens([TokenID])
}

/// One request of an input file, with every limit checked that does not depend on the model.
public struct GenerationRequest: Sendable, Hashable {
    /// The line of the input file, counted from 1.
    public let lineNumber: Int
    /// The line's own id, or `line-<number>`.
    public let customID: String
    /// Which of the two kinds of request this is.
    public let endpoint: Endpoint
    /// What the model goes on from.
    public let prompt: Prompt
    /// The model's name as the request gives it, to be echoed in the answer.
    public let model: String?
    /// The most tokens to generate for each choice; nil means up to the end of the context.
    public let maxTokens: Int?
    /// How to draw tokens. `seedKey` and `suppressedUntilMinimum` are left for the engine to fill.
    public let sampling: SamplingParameters
    /// The request's seed; nil leaves the choice of one to the run.
    public let seed: Int64?
    /// Texts that end the answer and are not part of it: at most 16, none empty.
    public let stop: [String]
    /// Tokens that end the answer, in addition to the model's own.
    public let stopTokenIDs: [TokenID]
    /// Whether the model's end-of-sequence tokens are generated like any other.
    public let ignoreEOS: Bool
    /// The number of answers, 1...128.
    public let n: Int
    /// Names the line's bytes, its id and the run's options; see `RequestDigest`.
    public let digest: UInt64

    /// Whether the answer carries log-probabilities; `sampling.topLogprobs` says how many alternatives.
    public var wantsLogprobs: Bool { sampling.topLogprobs != nil }
}

extension GenerationRequest {
    /// What `n` may be.
    public static let choices = 1...128

    /// A request of a program, by its parts. Limits are checked when it is submitted.
    ///
    /// - Parameters:
    ///   - prompt: messages make a request of `Endpoint.chat`, a text or tokens one of `Endpoint.completion`.
    ///   - id: takes the place of a seed where there is none: requests with one id draw alike.
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

/// A line that cannot be run, and why. It has an id all the same, so that it gets its own line of output.
public struct RefusedRequest: Sendable, Hashable {
    /// The line of the input file, counted from 1.
    public let lineNumber: Int
    /// The line's own id, or `line-<number>` where none can be read from it.
    public let customID: String
    /// Names the line's bytes, its id and the run's options; see `RequestDigest`.
    public let digest: UInt64
    /// Why the line was refused.
    public let error: ProtocolError
}

/// What became of one line of input.
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

    /// Names the line's bytes, its id and the run's options; see `RequestDigest`.
    public var digest: UInt64 {
        switch self {
        case .request(let request): request.digest
        case .invalid(let refused): refused.digest
        }
    }
}
