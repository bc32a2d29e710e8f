import Inference
import OpenAIProtocol
import Platform
import Scheduling
import Synchronization
import Testing

/// Requests from many sides at once: each is answered as if it were alone, and ends by itself.
@Suite("Inference engine", .timeLimit(.minutes(10)))
struct InferenceEngineTests {
    private let engine: InferenceEngine

    init() throws { engine = try Self.engine() }

    private static var options: EngineOptions {
        var options = EngineOptions()
        options.stages = 2
        options.kvMemory = 1 << 25
        return options
    }

    private static func engine() throws -> InferenceEngine {
        try InferenceEngine(TinyText.model(), options: options)
    }

    /// What `InferenceEngine.start` gives a thread.
    private static func unstarted() throws -> Engine {
        let deployment = try Deployment(TinyText.model(), options: options)
        let policy = try PolicyChoice(name: "throttle").policy(
            costs: AssumedStepCost(stages: options.stages), lengths: "history", respectsLimit: true)
        return try Engine(deployment, policy: policy, recordsSpans: false)
    }

    private static func request(
        _ index: Int, tokens: Int = 24, stop: [String] = [], n: Int = 1
    ) -> GenerationRequest {
        var sampling = SamplingParameters()
        sampling.temperature = index % 2 == 0 ? 0 : 1
        return GenerationRequest(
            .text("the tide \(index)"), maxTokens: tokens, sampling: sampling, seed: Int64(index), stop: stop,
            ignoreEOS: true, n: n)
    }

    @Test("the pieces are the text of the answer, and the tokens are counted")
    func stream() async throws {
        for n in [1, 3] {
            let generation = engine.submit(Self.request(1, n: n))
            var texts = [String](repeating: "", count: n)
            var pieces = 0
            for try await piece in generation {
                texts[piece.choice] += piece.text
                pieces += 1
            }
            let answer = try await generation.answer
            #expect(answer.choices.map(\.text) == texts && answer.choices.map(\.index) == Array(0..<n))
            #expect(answer.choices.allSatisfy { $0.end == .length && $0.tokenIDs.count == 24 })
            #expect(answer.completionTokens == 24 * n && answer.promptTokens == 9)
            #expect(pieces > 2 * n, "the text came in \(pieces) pieces")
            // Each choice has draws of its own.
            #expect(Set(texts).count == n)
            #expect(answer.text == texts[0])
        }
    }

    @Test("a chat goes through the model's template")
    func chat() async throws {
        let answer = try await engine.submit(GenerationRequest(user: "hi", maxTokens: 5)).answer
        // Two special tokens before the roles, one after the message; a byte a token otherwise.
        #expect(answer.promptTokens == 3 + "user\nhi".count + "assistant\n".count)
        #expect((1...5).contains(answer.completionTokens))
    }

    @Test("requests from many tasks are answered as each is alone")
    func manyTasks() async throws {
        var alone: [Answer] = []
        for index in 0..<12 { alone.append(try await engine.submit(Self.request(index)).answer) }
        #expect(Set(alone.map(\.text)).count > 6)
        let together = try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            for turn in 0..<60 {
                group.addTask { [engine] in (turn % 12, try await engine.submit(Self.request(turn % 12)).answer) }
            }
            var answers: [(Int, Answer)] = []
            for try await answer in group { answers.append(answer) }
            return answers
        }
        #expect(together.count == 60)
        for (index, answer) in together { #expect(answer == alone[index]) }
    }

    @Test("an engine that was idle for a second takes a request")
    func idle() async throws {
        let before = try await engine.submit(Self.request(0)).answer
        try await Task.sleep(for: .seconds(1))
        #expect(try await engine.submit(Self.request(0)).answer == before)
    }

    /// The receiver gives its request up on the engine's own thread, as soon as it has a piece: a task would be woken at
    /// some time, perhaps only when the answer is whole.
    @Test("a request that is cancelled ends; its neighbours do not")
    func cancel() async throws {
        let receiver = Receiver(cancelsAtFirstPiece: true)
        receiver.giveUp = engine.submit(Self.request(1, tokens: TinyText.longAnswer), to: receiver)
        let neighbours = (2..<6).map { engine.submit(Self.request($0)) }
        let (text, result) = receiver.wait()
        let error = #expect(throws: InferenceError.self) { try result.get() }
        #expect(error?.code == .cancelled && !text.isEmpty)
        for neighbour in neighbours { #expect(try await neighbour.answer.completionTokens == 24) }
        // Nothing comes of it after the end.
        neighbours[0].cancel()
        #expect(try await neighbours[0].answer.completionTokens == 24)
    }

    /// The engine begins when the task has been cancelled: so that the answer cannot be whole before.
    @Test("a task that is cancelled while it reads gives its request up")
    func cancelledTask() async throws {
        let engine = try InferenceEngine(Self.unstarted())
        let generation = engine.submit(Self.request(3))
        let neighbour = engine.submit(Self.request(4))
        let reader = Task { for try await _ in generation {} }
        reader.cancel()
        _ = try? await reader.value
        try engine.start()
        let error = await #expect(throws: InferenceError.self) { try await generation.answer }
        #expect(error?.code == .cancelled)
        #expect(try await neighbour.answer.completionTokens == 24)
    }

    @Test("a request that cannot be answered is an error of its own")
    func refusals() async throws {
        let fine = engine.submit(Self.request(4))
        var hot = SamplingParameters()
        hot.temperature = .nan
        let bad: [(GenerationRequest, ProtocolError.Code)] = [
            (GenerationRequest(.tokens([3, 99_999]), maxTokens: 3), .invalidValue),
            (GenerationRequest(.text("a"), maxTokens: 3, n: 0), .invalidValue),
            (GenerationRequest(.text("a"), maxTokens: 3, n: 129), .invalidValue),
            (GenerationRequest(.text("a"), maxTokens: 3, sampling: hot), .invalidValue),
            (GenerationRequest(.text("a"), maxTokens: 0), .init("invalid_max_tokens")),
            (GenerationRequest(.text(""), maxTokens: 3), .init("empty_prompt")),
            (GenerationRequest(.text("a"), maxTokens: 50_000, n: 2), .contextLengthExceeded),
        ]
        for (request, code) in bad {
            let generation = engine.submit(request)
            let error = await #expect(throws: ProtocolError.self) { try await generation.answer }
            #expect(error?.code == code, "\(request)")
            // The pieces end with the same error.
            await #expect(throws: ProtocolError.self) { for try await _ in generation {} }
        }
        #expect(try await fine.answer.completionTokens == 24)
    }

    @Test("a stop string ends an answer with the token that completes it, whatever runs beside it")
    func stops() async throws {
        let (seed, whole, stop, before) = try await self.stop()
        var seen: Set<Choice> = []
        for turn in 0..<30 {
            let others = (0..<turn % 5).map { engine.submit(Self.request($0)) }
            let stopped = engine.submit(Self.request(seed, tokens: 60, stop: ["not in it", stop]))
            var pieces = ""
            for try await piece in stopped { pieces += piece.text }
            let choice = try await stopped.answer.choices[0]
            #expect(choice.text == before && pieces == before && choice.end == .stop)
            #expect(whole.tokenIDs.starts(with: choice.tokenIDs) && choice.tokenIDs.count < 40)
            seen.insert(choice)
            for other in others { _ = try await other.answer }
        }
        #expect(seen.count == 1)
    }

    /// An answer, two letters that stand side by side in its text, and what stands before them.
    private func stop() async throws -> (seed: Int, whole: Choice, stop: String, before: String) {
        for seed in stride(from: 1, to: 40, by: 2) {
            let whole = try await engine.submit(Self.request(seed, tokens: 60)).answer.choices[0]
            let bytes = Array(whole.text.utf8)
            let pairs = bytes.indices.dropLast().map { Array(bytes[$0...$0 + 1]) }
            for pair in pairs.dropFirst(8).prefix(20) where pair.allSatisfy({ (0x61...0x7A).contains($0) }) {
                let first = pairs.firstIndex(of: pair)!
                return (
                    seed, whole, String(decoding: pair, as: UTF8.self), String(decoding: bytes[..<first], as: UTF8.self)
                )
            }
        }
        throw NoLetters()
    }

    private struct NoLetters: Error {}

    @Test("shutting down ends what is under way with an error, and nothing begins after it")
    func shutDown() async throws {
        let generations = (0..<40).map { engine.submit(Self.request($0, tokens: TinyText.longAnswer)) }
        engine.shutDown()
        for generation in generations {
            let error = await #expect(throws: InferenceError.self) { try await generation.answer }
            #expect(error?.code == .cancelled)
        }
        let late = engine.submit(Self.request(0))
        let error = await #expect(throws: InferenceError.self) { try await late.answer }
        #expect(error?.code == .ended)
        engine.shutDown()
    }

    @Test("an engine that nobody holds any more ends its requests")
    func abandoned() async throws {
        var other: InferenceEngine? = try Self.engine()
        let generation = try #require(other?.submit(Self.request(0, tokens: TinyText.longAnswer)))
        other = nil
        let error = await #expect(throws: InferenceError.self) { try await generation.answer }
        #expect(error?.code == .cancelled)
    }

    @Test("a producer that waits for room has all its requests answered")
    func producer() throws {
        let receivers = (0..<1200).map { _ in Receiver() }
        let thread = try JoinableThread { [engine] in
            for (index, receiver) in receivers.enumerated() {
                guard engine.waitForRoom() else { return }
                engine.submit(Self.request(index % 4, tokens: 2), to: receiver)
            }
        }
        let answers = try receivers.map { try $0.wait().result.get() }
        thread.join()
        for (index, answer) in answers.enumerated() { #expect(answer == answers[index % 4]) }
        engine.shutDown()
        #expect(!engine.waitForRoom())
    }

    @Test("receivers are told without Swift concurrency, from threads")
    func receivers() throws {
        let receivers = (0..<24).map { _ in Receiver() }
        let threads = try (0..<4).map { part in
            try JoinableThread { [engine] in
                for index in stride(from: part, to: 24, by: 4) {
                    engine.submit(Self.request(index % 6), to: receivers[index])
                }
            }
        }
        for thread in threads { thread.join() }
        let answers = receivers.map { $0.wait() }
        for (index, answer) in answers.enumerated() {
            let (text, result) = answer
            #expect(try result.get().text == text && text == answers[index % 6].text)
        }
    }
}

/// Waits for an answer on a thread.
private final class Receiver: AnswerReceiver, @unchecked Sendable {
    // Unchecked: the lock guards the state.
    private let lock = ConditionLock()
    private let cancelsAtFirstPiece: Bool
    private var cancellation: (@Sendable () -> Void)?
    private var text = ""
    private var result: Result<Answer, any Error>?

    init(cancelsAtFirstPiece: Bool = false) { self.cancelsAtFirstPiece = cancelsAtFirstPiece }

    /// Gives the request up.
    var giveUp: (@Sendable () -> Void)? {
        get { lock.withLock { cancellation } }
        set {
            lock.withLock { cancellation = newValue }
            lock.broadcast()
        }
    }

    func received(_ piece: AnswerPiece) {
        let isFirst = lock.withLock {
            defer { text += piece.text }
            while cancelsAtFirstPiece && cancellation == nil { lock.wait() }
            return text.isEmpty
        }
        guard cancelsAtFirstPiece, isFirst else { return }
        // Twice is as good as once.
        for _ in 0..<2 { giveUp?() }
    }

    func ended(_ result: Result<Answer, any Error>) {
        lock.withLock { self.result = result }
        lock.broadcast()
    }

    func wait() -> (text: String, result: Result<Answer, any Error>) {
        lock.withLock {
            while true {
                if let result { return (text, result) }
                lock.wait()
            }
        }
    }
}
