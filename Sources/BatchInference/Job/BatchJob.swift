import Inference
import OpenAIProtocol
import Runtime
import Scheduling
import Tokenization

/// A file of requests on its way through the engine: parses lines as the engine has room for them, collects answers,
/// appends each finished one to the journal.
final class BatchJob: EngineClient {
    /// Sums for progress and statistics.
    struct Totals {
        var requests = 0
        var failed = 0
        var promptTokens = 0
        var outputTokens = 0
        /// Prompt tokens and the most output tokens of the requests fed so far.
        var expectedTokens = 0
    }

    /// A request under way.
    private struct Pending {
        let request: GenerationRequest
        let promptTokens: Int
        var streams: [AnswerStream]
        var choices: [Choice] = []
        /// For the history: the digest of the prompt's text, and what was expected of each answer.
        let promptDigest: UInt64
        let predicted: Int
    }

    private let model: TextModel
    private let input: InputFile
    private let journal: ResultJournal
    private let builder: RequestBuilder
    private let includesTokenIDs: Bool
    private let forecasts: PromptForecasts?
    private let history: AnswerHistory?
    private let now: () -> Int64
    private let onStep: (StepRecord, Totals, _ isExhausted: Bool) -> Void
    private var cursor = 0
    private var queue: ArraySlice<RequestSpec> = []
    /// By the request's index in the input; looked up, never iterated.
    private var pending: [Int: Pending] = [:]
    private(set) var totals = Totals()

    /// A request's choices have neighbouring ids: its index times this, plus the choice.
    private static let idsPerRequest = 128

    /// - Parameters:
    ///   - forecasts: what a learned predictor expects of each answer.
    ///   - history: takes down what answers came to.
    ///   - now: seconds since 1970, for the answers' `created`.
    ///   - onStep: called when a micro-batch has retired; told whether the engine has every line of the input.
    init(
        model: TextModel, input: InputFile, journal: ResultJournal, ignoresEOS: Bool, includesTokenIDs: Bool,
        forecasts: PromptForecasts?, history: AnswerHistory?, now: @escaping () -> Int64,
        onStep: @escaping (StepRecord, Totals, _ isExhausted: Bool) -> Void
    ) {
        self.model = model
        self.input = input
        self.journal = journal
        self.includesTokenIDs = includesTokenIDs
        self.forecasts = forecasts
        self.history = history
        self.now = now
        self.onStep = onStep
        builder = RequestBuilder(model: model, ignoresEOS: ignoresEOS)
    }

    /// Whether every line of the input has been given to the engine.
    private var isExhausted: Bool { cursor == input.count && queue.isEmpty }

    func nextRequest() throws -> RequestSpec? {
        while queue.isEmpty {
            guard cursor < input.count else { return nil }
            defer { cursor += 1 }
            if !journal.isDone(at: cursor) { try begin(cursor) }
        }
        return queue.removeFirst()
    }

    private func begin(_ index: Int) throws {
        switch try input.line(at: index) {
        case .invalid(let refused):
            try fail(index, refused.error)
        case .request(let request):
            do {
                let specs = try builder.specs(
                    for: request, firstID: index * Self.idsPerRequest, forecast: forecasts?[index])
                let stream = AnswerStream(request, tokenizer: model.tokenizer)
                let prompt = specs[0].prompt.count
                pending[index] = Pending(
                    request: request, promptTokens: prompt,
                    streams: [AnswerStream](repeating: stream, count: request.n),
                    promptDigest: history == nil
                        ? 0 : PromptText(request.prompt, tokenizer: model.tokenizer).digest,
                    predicted: history?.expected(specs[0]) ?? 0)
                totals.expectedTokens += request.n * (prompt + min(request.maxTokens ?? 512, 1 << 20))
                queue = specs[...]
            } catch {
                try fail(index, error)
            }
        }
    }

    func emitted(_ request: RequestID, _ tokens: [SampledToken]) throws -> Bool {
        let (index, choice) = place(of: request)
        guard pending[index] != nil else { return false }
        for token in tokens where !pending[index]!.streams[choice].append(token) { return false }
        return true
    }

    func finished(_ request: RequestID, _ reason: FinishReason) throws {
        let (index, choice) = place(of: request)
        guard pending[index] != nil else { return }
        if reason == .cancelled {
            pending[index] = nil
            return
        }
        let end: AnswerEnd = reason == .length ? .length : .stop
        let answer = pending[index]!.streams[choice].choice(index: choice, end: end)
        pending[index]!.choices.append(answer)
        totals.outputTokens += answer.tokenIDs.count
        if let history, let done = pending[index] {
            try history.append(
                prompt: done.promptDigest, promptTokens: done.promptTokens, predicted: done.predicted,
                produced: answer.tokenIDs.count, limit: done.request.maxTokens, end: answer.end)
        }
        if pending[index]!.choices.count == pending[index]!.request.n { try complete(index) }
    }

    private func complete(_ index: Int) throws {
        guard let done = pending.removeValue(forKey: index) else { return }
        totals.requests += 1
        totals.promptTokens += done.promptTokens
        let response = GenerationResponse(
            endpoint: done.request.endpoint, created: now(), model: done.request.model ?? model.name,
            systemFingerprint: "tideway-\(String(model.fingerprint, radix: 16))",
            choices: done.choices.sorted { $0.index < $1.index }, promptTokens: done.promptTokens,
            completionTokens: done.choices.reduce(0) { $0 + $1.tokenIDs.count })
        try journal.append(
            OutputLine.success(
                response, customID: done.request.customID, id: outputID(index), includeTokenIDs: includesTokenIDs))
    }

    func rejected(_ request: RequestID, _ error: AdmissionError) throws {
        let (index, choice) = place(of: request)
        // The token that went too far may also have completed a stop string.
        if pending[index]?.streams[choice].isStopped == true { return try finished(request, .stopped) }
        guard pending.removeValue(forKey: index) != nil else { return }
        // Only its own choices: the queue may hold those of another request by now.
        if let next = queue.first, place(of: next.id).index == index { queue = [] }
        let code = ProtocolError.Code(error.code.name)
        try fail(index, ProtocolError(code, error.message))
    }

    private func fail(_ index: Int, _ error: ProtocolError) throws {
        totals.requests += 1
        totals.failed += 1
        try journal.append(OutputLine.failure(error, customID: input.customID(at: index), id: outputID(index)))
    }

    func reported(_ step: StepRecord) throws { onStep(step, totals, isExhausted) }

    private func outputID(_ index: Int) -> OutputID {
        OutputID(model: model.fingerprint, request: input.digest(at: index))
    }

    private func place(of request: RequestID) -> (index: Int, choice: Int) {
        (request.rawValue / Self.idsPerRequest, request.rawValue % Self.idsPerRequest)
    }
}
