import OpenAIProtocol

/// A whole answer: its choices and its numbers of tokens.
public struct Answer: Sendable, Hashable {
    /// The `n` choices of the request, in the order of their indices.
    public let choices: [Choice]
    /// Tokens of the prompt, including those that the chat template adds.
    public let promptTokens: Int

    /// Tokens of all choices. The token that completed a stop string counts, tokens drawn after it do not.
    public var completionTokens: Int { choices.reduce(0) { $0 + $1.tokenIDs.count } }
    /// The text of the first choice.
    public var text: String { choices[0].text }
}

/// A piece of an answer's text: never part of a character, never part of a stop string.
public struct AnswerPiece: Sendable, Hashable {
    /// The choice's index, 0 unless the request asked for several.
    public let choice: Int
    public let text: String
}

/// Takes an answer as it comes.
///
/// Called on the only thread that turns tokens into text: slow work here holds up the text of all answers, and in the
/// end the engine. Must not call `InferenceEngine.shutDown`.
public protocol AnswerReceiver: AnyObject, Sendable {
    /// The next piece of a choice's text.
    func received(_ piece: AnswerPiece)
    /// The end of the answer: the whole answer, or why there is none. Called once.
    func ended(_ result: Result<Answer, any Error>)
}
