import OpenAIProtocol
import Scheduling
import Tokenization

/// What a length predictor reads of a request: the text of its prompt, without the chat template, and a digest that
/// names the text in a history of answers.
package struct PromptText: Sendable, Hashable {
    package let text: String
    package let digest: UInt64

    package init(text: String) {
        self.text = text
        var digest = RequestDigest()
        digest.update(text.utf8)
        self.digest = digest.value
    }

    /// The messages of a dialogue one below the other; of a prompt in tokens, their text, as far as the vocabulary has
    /// them.
    package init(_ prompt: Prompt, tokenizer: Tokenizer) {
        switch prompt {
        case .text(let text): self.init(text: text)
        case .messages(let messages, _): self.init(text: messages.map(\.content).joined(separator: "\n"))
        case .tokens(let tokens):
            let known = tokens.filter { $0 >= 0 && Int($0) < tokenizer.vocabularySize }
            self.init(text: String(decoding: known.flatMap { tokenizer.bytes(of: $0) }, as: UTF8.self))
        }
    }
}
