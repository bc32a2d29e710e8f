import OpenAIProtocol
import Platform
import Runtime
import Scheduling
import Synchronization

/// A model at work: requests in, text out, for one request or for thousands at a time.
///
///     let engine = try InferenceEngine(TextModel(path: "model.gguf"))
///     let request = GenerationRequest(user: "Why are there two tides a day?", maxTokens: 64)
///     for try await piece in engine.submit(request) { print(piece.text, terminator: "") }
///     engine.shutDown()
///
/// All methods may be called from any thread or task. The stages, the controller and the text side have
/// operating-system threads of their own, which sleep while there are no requests. Only methods that are documented to
/// block occupy threads of Swift concurrency's pool. A request's tokens are the same, bit for bit, whatever else runs.
public final class InferenceEngine: Sendable {
    public let model: TextModel
    private let engine: Engine
    private let builder: RequestBuilder
    private let output: OutputProcessor
    private let nextID = Atomic<Int>(0)
    private let thread = Guarded<JoinableThread?>(nil)

    /// Loads a model and starts its threads.
    ///
    /// - Parameters:
    ///   - policy: nil: `throttle`, which mixes prompts and decode steps evenly, for requests that come at any time. A
    ///     batch of many requests is faster with `auto`.
    ///   - costs: the source of step costs, for a policy that plans with them.
    ///   - onNotice: called with a line that the user should know about the step costs.
    /// - Throws: `InferenceError` for a model that Tideway cannot run, `RuntimeError` for a number of stages or a pool
    ///   that the model does not allow.
    public convenience init(
        _ model: TextModel, options: EngineOptions = EngineOptions(), policy: PolicyChoice? = nil,
        costs: CostSource = CostSource(), onNotice: (String) -> Void = { _ in }
    ) throws {
        let choice = try policy ?? PolicyChoice(name: "throttle")
        let profile = try costs.named(for: model, options)
        let deployment = try Deployment(model, options: options)
        let steps = try costs.costs(
            for: deployment, named: profile, isNeeded: choice.isForecasting, onNotice: onNotice)
        let plan = try choice.policy(costs: steps, lengths: "history", respectsLimit: true)
        try self.init(Engine(deployment, policy: plan, recordsSpans: false))
        try start()
    }

    /// The text side of an engine whose controller does not run yet: `start` runs it on a thread of its own, `run` on
    /// the caller's thread.
    package init(_ engine: Engine, ignoresEOS: Bool = false) throws {
        self.engine = engine
        model = engine.deployment.model
        builder = RequestBuilder(model: model, ignoresEOS: ignoresEOS)
        output = try OutputProcessor(engine.driver)
    }

    deinit { shutDown() }

    package func start() throws {
        let started = try JoinableThread { [engine, output] in
            // Every request that has not ended has been told the error.
            _ = try? engine.driver.run(engine.core, onRound: output.flush)
            output.flush()
        }
        thread.withLock { $0 = started }
    }

    /// Runs the controller on the caller's thread until the driver is finished or stopped. All receivers have been told
    /// everything when it returns.
    /// - Throws: the errors of `EngineDriver.run`.
    package func run(
        profile: MeasuredStepCost?, recorder: EngineDriver.EventRecorder?, onStep: (StepRecord) -> Void
    ) throws -> DriverReport {
        defer {
            output.flush()
            output.close()
        }
        return try engine.driver.run(
            engine.core, profile: profile, recorder: recorder, onStep: onStep, onRound: output.flush)
    }

    /// Begins a request and returns at once. The prompt is tokenized here, on the caller's thread. If a request cannot
    /// be answered, its `Generation` throws the error.
    public func submit(_ request: GenerationRequest) -> Generation {
        let first = firstID(of: request)
        let generation = Generation(onCancel: cancellation(of: request, firstID: first))
        submit(request, firstID: first, to: generation)
        return generation
    }

    /// Begins a request whose answer goes to a receiver: for programs without Swift concurrency.
    /// - Returns: a function that cancels the request.
    @discardableResult
    public func submit(_ request: GenerationRequest, to receiver: any AnswerReceiver) -> @Sendable () -> Void {
        let first = firstID(of: request)
        submit(request, firstID: first, to: receiver)
        return cancellation(of: request, firstID: first)
    }

    /// The number of sequences of a request; also defined for a request that asks for too many and will be refused.
    private func sequences(of request: GenerationRequest) -> Int {
        min(max(1, request.n), GenerationRequest.choices.upperBound)
    }

    private func firstID(of request: GenerationRequest) -> Int {
        nextID.add(sequences(of: request), ordering: .relaxed).oldValue
    }

    private func cancellation(of request: GenerationRequest, firstID: Int) -> @Sendable () -> Void {
        let ids = firstID..<firstID + sequences(of: request)
        return { [driver = engine.driver] in
            for id in ids { driver.cancel(RequestID(id)) }
        }
    }

    private func submit(_ request: GenerationRequest, firstID: Int, to receiver: any AnswerReceiver) {
        do {
            submit([try prepare(request, firstID: firstID, receiver: receiver)])
        } catch {
            receiver.ended(.failure(error))
        }
    }

    /// Prepares a request. The receiver is told nothing before `submit`.
    /// - Throws: `ProtocolError` for a request that the model cannot answer.
    package func prepare(
        _ request: GenerationRequest, forecast: LengthForecast? = nil, receiver: any AnswerReceiver
    ) throws(ProtocolError) -> PreparedRequest {
        try prepare(request, firstID: firstID(of: request), forecast: forecast, receiver: receiver)
    }

    private func prepare(
        _ request: GenerationRequest, firstID: Int, forecast: LengthForecast? = nil, receiver: any AnswerReceiver
    ) throws(ProtocolError) -> PreparedRequest {
        let specs = try builder.specs(for: request, firstID: firstID, forecast: forecast)
        let stream = AnswerStream(request, tokenizer: model.tokenizer)
        return PreparedRequest(
            specs: specs, pending: PendingAnswer(specs, stream: stream, receiver: receiver))
    }

    /// Submits requests to the engine, all of them before it plans.
    /// - Returns: false if the engine takes no more requests: then each of them has failed.
    @discardableResult
    package func submit(_ requests: [PreparedRequest]) -> Bool {
        let answers = requests.map(\.pending)
        guard output.begin(answers) else {
            for answer in answers { answer.fail(InferenceError.ended) }
            return false
        }
        let isTaken = engine.driver.submit(requests.flatMap { $0.specs.map { Submission($0, to: output) } })
        if !isTaken { output.refuse(answers) }
        return isTaken
    }

    /// Blocks the calling thread until only few of the submitted requests are held back: back-pressure for producers,
    /// on threads of their own, that have more requests than memory. `submit` itself never waits.
    /// - Returns: false if the engine takes no more requests.
    @discardableResult
    public func waitForRoom() -> Bool { engine.driver.waitForRoom() }

    /// Ends the engine and waits for its threads. Requests that have not ended fail with an error.
    public func shutDown() {
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let running {
            engine.driver.stop()
            running.join()
        }
        output.close()
        engine.shutDown()
    }
}
