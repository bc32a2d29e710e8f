import Platform

/// A request under way: its text as it comes, and its whole answer in the end.
///
/// As an `AsyncSequence` it gives the pieces of the text to a single reader. `answer` waits for the end, and may be
/// read from any task at any time.
public final class Generation: AsyncSequence, Sendable {
    public typealias Element = AnswerPiece
    public typealias Failure = any Error

    private struct State {
        var result: Result<Answer, any Error>?
        var waiting: [CheckedContinuation<Answer, any Error>] = []
    }

    private let pieces: AsyncThrowingStream<AnswerPiece, any Error>
    private let continuation: AsyncThrowingStream<AnswerPiece, any Error>.Continuation
    private let state = Guarded(State())
    private let onCancel: @Sendable () -> Void

    init(onCancel: @escaping @Sendable () -> Void) {
        (pieces, continuation) = AsyncThrowingStream.makeStream()
        self.onCancel = onCancel
        continuation.onTermination = { end in
            // The reading task was cancelled.
            if case .cancelled = end { onCancel() }
        }
    }

    /// The pieces of all choices, in the order in which they come; throws the same errors as `answer`.
    public func makeAsyncIterator() -> AsyncThrowingStream<AnswerPiece, any Error>.Iterator {
        pieces.makeAsyncIterator()
    }

    /// The whole answer, as soon as it is complete.
    ///
    /// - Throws: `ProtocolError` for a request that the model or the engine cannot answer; `InferenceError` if the
    ///   request was cancelled, the engine was shut down, or the engine failed.
    public var answer: Answer {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state in
                    if state.result == nil { state.waiting.append(continuation) }
                    return state.result
                }
                if let result { continuation.resume(with: result) }
            }
        }
    }

    /// Cancels the request: it ends with an error soon, unless it has ended already.
    public func cancel() { onCancel() }
}

extension Generation: AnswerReceiver {
    public func received(_ piece: AnswerPiece) { continuation.yield(piece) }

    public func ended(_ result: Result<Answer, any Error>) {
        switch result {
        case .success: continuation.finish()
        case .failure(let error): continuation.finish(throwing: error)
        }
        let waiting = state.withLock { state in
            state.result = result
            defer { state.waiting = [] }
            return state.waiting
        }
        for other in waiting { other.resume(with: result) }
    }
}
