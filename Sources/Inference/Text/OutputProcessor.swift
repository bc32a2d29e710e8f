import Platform
import Runtime
import Scheduling

/// Turns tokens into text on a thread of its own, looks for stop strings in the text, and tells the receivers, so that
/// the controller spends no time on text.
///
/// A stop string ends its request by a message to the driver. Tokens that come before the driver hears the message are
/// dropped, so an answer and its count of tokens do not depend on that moment: the delay only costs the micro-batches
/// that hold the sequence meanwhile.
final class OutputProcessor: AnswerSink, @unchecked Sendable {
    // Unchecked: the lock guards `queue`, `isClosed` and `isJoined`; only the controller's thread uses `round`, and
    // only the processor's own thread uses `pending`.
    private enum News {
        case began(PendingAnswer)
        case refused(PendingAnswer)
        case tokens(RequestID, [SampledToken])
        case ended(RequestID, RequestEnd)
    }

    private let driver: EngineDriver
    private let lock = ConditionLock()
    private var queue: [News] = []
    private var isClosed = false
    private var isJoined = false
    private var thread: JoinableThread?
    /// News from the controller since its last round.
    private var round: [News] = []
    /// The unfinished answer of each sequence.
    private var pending: [RequestID: PendingAnswer] = [:]

    /// Back-pressure: the controller waits while more than this many items of news are queued, to bound memory.
    private static let mostQueued = 1 << 16

    init(_ driver: EngineDriver) throws {
        self.driver = driver
        // The thread keeps the processor alive until `close`.
        thread = try JoinableThread { [self] in work() }
    }

    /// Announces requests that are about to be submitted. Returns false after `close`.
    func begin(_ answers: [PendingAnswer]) -> Bool { add(answers.map { .began($0) }) }

    /// Ends announced requests that the driver did not take in.
    func refuse(_ answers: [PendingAnswer]) { _ = add(answers.map { .refused($0) }) }

    private func add(_ news: [News]) -> Bool {
        let isTaken = lock.withLock {
            if !isClosed { queue += news }
            return !isClosed
        }
        lock.broadcast()
        return isTaken
    }

    func emitted(_ request: RequestID, _ tokens: [SampledToken]) -> Bool {
        round.append(.tokens(request, tokens))
        return true
    }

    func ended(_ request: RequestID, _ end: RequestEnd) { round.append(.ended(request, end)) }

    /// Hands over the news of a round of the controller, at its end: a single wake-up for all news.
    func flush() {
        guard !round.isEmpty else { return }
        lock.withLock {
            while queue.count > Self.mostQueued && !isClosed { lock.wait() }
            queue += round
        }
        round.removeAll(keepingCapacity: true)
        lock.broadcast()
    }

    /// Processes all remaining news, then ends the thread and waits for it. Requests that have not ended fail.
    func close() {
        let isFirst = lock.withLock {
            isClosed = true
            defer { isJoined = true }
            return !isJoined
        }
        lock.broadcast()
        if isFirst { thread?.join() }
    }

    private func work() {
        while let news = take() {
            for item in news { process(item) }
        }
        for id in pending.keys.sorted() { pending[id]?.fail(InferenceError.ended) }
        pending = [:]
    }

    /// Takes all news; waits until there is some. nil once the processor is closed and no news is left.
    private func take() -> [News]? {
        let news = lock.withLock {
            while queue.isEmpty && !isClosed { lock.wait() }
            defer { queue = [] }
            return queue
        }
        lock.broadcast()
        return news.isEmpty ? nil : news
    }

    private func process(_ news: News) {
        switch news {
        case .began(let answer):
            for id in answer.ids { pending[id] = answer }
        case .refused(let answer):
            for id in answer.ids { pending[id] = nil }
            answer.fail(InferenceError.ended)
        case .tokens(let id, let tokens):
            guard let answer = pending[id] else { return }
            if !answer.append(tokens, to: id) { driver.complete(id) }
        case .ended(let id, let end):
            guard let answer = pending.removeValue(forKey: id) else { return }
            if answer.end(id, end) { return }
            for other in answer.ids where pending[other] != nil { driver.cancel(other) }
        }
    }
}
