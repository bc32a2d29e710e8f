import OpenAIProtocol
import Scheduling
import Tokenization

/// The part of a request that a length predictor reads: the text of its prompt, without the chat template, and a digest
/// that identifies the text in a history of answers.
package struct PromptText: Sendable, Hashable {
    package let text: String
    package let digest: UInt64

    package init(text: String) {
        self.text = text
        var digest = RequestDigest()
        digest.update(text.utf8)
        self.digest = digest.value
    }

    /// The text of a prompt: for a dialogue, its messages, one per line; for a prompt of tokens, the text of the tokens
    /// that are in the vocabulary.
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
