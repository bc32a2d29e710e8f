import OpenAIProtocol
import Runtime
import Scheduling

/// A request that is ready for the engine: one sequence of tokens for each of its `n` choices, with consecutive ids.
package struct PreparedRequest: Sendable {
    package let specs: [RequestSpec]
    let pending: PendingAnswer

    package var promptTokens: Int { specs[0].prompt.count }
}

/// An answer whose text is being made. Only the thread of an `OutputProcessor` uses it.
final class PendingAnswer: @unchecked Sendable {
    // Unchecked: handed to the processor's thread before the first token, and never given back.
    let ids: [RequestID]
    private let promptTokens: Int
    private let receiver: any AnswerReceiver
    private var streams: [AnswerStream]
    /// By choice: the number of bytes of its text that the receiver has.
    private var told: [Int]
    /// The finished choices; nil for a choice that goes on.
    private var choices: [Choice?]
    private var isOver = false

    init(_ specs: [RequestSpec], stream: AnswerStream, receiver: any AnswerReceiver) {
        ids = specs.map(\.id)
        promptTokens = specs[0].prompt.count
        self.receiver = receiver
        streams = [AnswerStream](repeating: stream, count: specs.count)
        told = [Int](repeating: 0, count: specs.count)
        choices = [Choice?](repeating: nil, count: specs.count)
    }

    private func index(of id: RequestID) -> Int { id.rawValue - ids[0].rawValue }

    /// Takes the next tokens of a choice. Tokens after a stop string are not part of the answer.
    /// - Returns: false with the token that completes a stop string.
    func append(_ tokens: [SampledToken], to id: RequestID) -> Bool {
        let choice = index(of: id)
        guard !isOver, !streams[choice].isStopped else { return true }
        for token in tokens where !streams[choice].append(token) { break }
        tell(streams[choice].text, of: choice)
        return !streams[choice].isStopped
    }

    private func tell(_ text: String, of choice: Int) {
        let bytes = text.utf8
        guard bytes.count > told[choice] else { return }
        let start = bytes.index(bytes.startIndex, offsetBy: told[choice])
        told[choice] = bytes.count
        receiver.received(AnswerPiece(choice: choice, text: String(text[start...])))
    }

    /// A choice has come to its end.
    /// - Returns: false if the request failed with this choice: then its other choices are not wanted.
    func end(_ id: RequestID, _ end: RequestEnd) -> Bool {
        let choice = index(of: id)
        guard !isOver else { return true }
        // Events of the sequence after a stop string do not concern the answer.
        if streams[choice].isStopped {
            complete(choice, .stop)
            return true
        }
        switch end {
        case .finished(.cancelled): fail(InferenceError(.cancelled, "the request was cancelled"))
        case .finished(let reason):
            complete(choice, reason == .length ? .length : .stop)
            return true
        case .rejected(let error): fail(ProtocolError(ProtocolError.Code(error.code.name), error.message))
        case .failed(let error): fail(InferenceError(.engineFailed, "the engine failed: \(error)"))
        }
        return false
    }

    private func complete(_ choice: Int, _ end: AnswerEnd) {
        let whole = streams[choice].choice(index: choice, end: end)
        choices[choice] = whole
        tell(whole.text, of: choice)
        let done = choices.compactMap(\.self)
        guard done.count == choices.count else { return }
        isOver = true
        receiver.ended(.success(Answer(choices: done, promptTokens: promptTokens)))
    }

    /// Ends the request with an error, unless it has ended.
    func fail(_ error: any Error) {
        guard !isOver else { return }
        isOver = true
        receiver.ended(.failure(error))
    }
}
