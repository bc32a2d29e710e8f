import OpenAIProtocol
import Scheduling
import Tokenization

/// The growing answer of one choice: tokens, text, and the search for stop strings across token borders.
package struct AnswerStream: Sendable {
    private let tokenizer: Tokenizer
    private let minTokens: Int
    private var detokenizer: StreamingDetokenizer
    private var matcher: StopStringMatcher
    package private(set) var tokens: [TokenID] = []
    package private(set) var text = ""
    private var logged: [LoggedPosition]?
    package private(set) var isStopped = false

    package init(_ request: GenerationRequest, tokenizer: Tokenizer) {
        self.tokenizer = tokenizer
        minTokens = request.sampling.minTokens
        detokenizer = StreamingDetokenizer(tokenizer)
        matcher = StopStringMatcher(stops: request.stop)
        logged = request.wantsLogprobs ? [] : nil
    }

    /// Takes the next token. Returns false once the text contains a stop string: the answer ends before the stop
    /// string. Stop strings count from the token that completes `min_tokens`.
    package mutating func append(_ token: SampledToken) -> Bool {
        guard !isStopped else { return false }
        tokens.append(token.token)
        logged?.append(
            LoggedPosition(
                drawn: LoggedToken(bytes: tokenizer.bytes(of: token.token), logprob: token.logprob ?? 0),
                top: token.top.map { LoggedToken(bytes: tokenizer.bytes(of: $0.token), logprob: $0.logprob) }))
        add(detokenizer.append(token.token))
        return !isStopped
    }

    private mutating func add(_ piece: String) {
        guard tokens.count >= minTokens else {
            text += piece
            return
        }
        let (safe, matched) = matcher.append(piece)
        text += safe
        isStopped = matched
    }

    /// The finished choice.
    package mutating func choice(index: Int, end: AnswerEnd) -> Choice {
        if !isStopped { add(detokenizer.finish()) }
        if !isStopped { text += matcher.finish() }
        return Choice(index: index, text: text, end: isStopped ? .stop : end, tokenIDs: tokens, logprobs: logged)
    }
}
