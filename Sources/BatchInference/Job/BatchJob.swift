import Inference
import OpenAIProtocol
import Platform

/// A file of requests on its way through the engine: a producer, which parses and prepares lines as the engine has room
/// for them, and the receivers of the answers, which append each finished answer to the journal.
///
/// The producer has a thread of its own, and the receivers are called on the thread of the text side: the controller
/// waits for neither.
final class BatchJob: Sendable {
    /// Sums for progress and statistics.
    struct Totals {
        var requests = 0
        var failed = 0
        var promptTokens = 0
        var outputTokens = 0
        /// Prompt tokens plus the most output tokens of the requests submitted so far.
        var expectedTokens = 0
        /// Whether the engine has every line of the input.
        var isExhausted = false
        /// The first error that is not the fault of a line.
        var failure: (any Error)?
    }

    /// The parts that a job works with.
    struct Parts: Sendable {
        let model: TextModel
        let input: InputFile
        let journal: ResultJournal
        let includesTokenIDs: Bool
        /// A learned predictor's forecast of each answer; nil without a predictor.
        let forecasts: PromptForecasts?
        /// Records the lengths of the answers; nil without a history.
        let history: AnswerHistory?
        /// Seconds since 1970, for the answers' `created`.
        let now: @Sendable () -> Int64
        /// Ends the run with an error.
        let abort: @Sendable (any Error) -> Void
    }

    private let parts: Parts
    private let sums = Guarded(Totals())

    init(_ parts: Parts) { self.parts = parts }

    var totals: Totals { sums.withLock { $0 } }

    /// Submits every line without an answer, in order. Returns when the engine has all lines, or takes no more.
    ///
    /// - Parameter window: the number of sequences that are submitted at once in the beginning, so that the first plan
    ///   sees as many sequences as any later plan.
    func produce(for engine: InferenceEngine, window: Int) {
        do {
            var first: [PreparedRequest]? = []
            for index in 0..<parts.input.count where !parts.journal.isDone(at: index) {
                guard let request = try prepare(index, engine) else { continue }
                if var gathered = first.take() {
                    gathered.append(request)
                    let sequences = gathered.reduce(0) { $0 + $1.specs.count }
                    if sequences < window { first = gathered } else if !engine.submit(gathered) { return }
                } else {
                    guard engine.waitForRoom(), engine.submit([request]) else { return }
                }
            }
            if let rest = first, !engine.submit(rest) { return }
            sums.withLock { $0.isExhausted = true }
        } catch {
            abort(error)
        }
    }

    /// Reads and prepares a line. nil if the request cannot be run: then its error has been written to the output.
    private func prepare(_ index: Int, _ engine: InferenceEngine) throws -> PreparedRequest? {
        switch try parts.input.line(at: index) {
        case .invalid(let refused):
            try fail(index, refused.error)
            return nil
        case .request(let request):
            let receiver = LineReceiver(self, index, request)
            do {
                let prepared = try engine.prepare(request, forecast: parts.forecasts?[index], receiver: receiver)
                if let history = parts.history {
                    let digest = PromptText(request.prompt, tokenizer: parts.model.tokenizer).digest
                    receiver.expectation = (digest, history.expected(prepared.specs[0]))
                }
                let most = prepared.promptTokens + min(request.maxTokens ?? 512, 1 << 20)
                sums.withLock { $0.expectedTokens += request.n * most }
                return prepared
            } catch {
                try fail(index, error)
                return nil
            }
        }
    }

    fileprivate func complete(_ line: LineReceiver, _ answer: Answer) throws {
        let request = line.request
        if let history = parts.history, let (digest, predicted) = line.expectation {
            for choice in answer.choices {
                try history.append(
                    prompt: digest, promptTokens: answer.promptTokens, predicted: predicted,
                    produced: choice.tokenIDs.count, limit: request.maxTokens, end: choice.end)
            }
        }
        sums.withLock {
            $0.requests += 1
            $0.promptTokens += answer.promptTokens
            $0.outputTokens += answer.completionTokens
        }
        let model = parts.model
        let response = GenerationResponse(
            endpoint: request.endpoint, created: parts.now(), model: request.model ?? model.name,
            systemFingerprint: "tideway-\(String(model.fingerprint, radix: 16))", choices: answer.choices,
            promptTokens: answer.promptTokens, completionTokens: answer.completionTokens)
        try parts.journal.append(
            OutputLine.success(
                response, customID: request.customID, id: outputID(line.index),
                includeTokenIDs: parts.includesTokenIDs))
    }

    fileprivate func fail(_ index: Int, _ error: ProtocolError) throws {
        sums.withLock {
            $0.requests += 1
            $0.failed += 1
        }
        try parts.journal.append(
            OutputLine.failure(error, customID: parts.input.customID(at: index), id: outputID(index)))
    }

    /// Ends the run with an error; a run that is ending already fails at its end.
    fileprivate func abort(_ error: any Error) {
        sums.withLock { sums in
            if sums.failure == nil { sums.failure = error }
        }
        parts.abort(error)
    }

    private func outputID(_ index: Int) -> OutputID {
        OutputID(model: parts.model.fingerprint, request: parts.input.digest(at: index))
    }
}

/// Receives the answer to one line of the input.
private final class LineReceiver: AnswerReceiver, @unchecked Sendable {
    // Unchecked: the producer writes `expectation` before it submits the request.
    private let job: BatchJob
    let index: Int
    let request: GenerationRequest
    /// For the history: the digest of the prompt's text, and the expected tokens of each answer.
    var expectation: (digest: UInt64, predicted: Int)?

    init(_ job: BatchJob, _ index: Int, _ request: GenerationRequest) {
        self.job = job
        self.index = index
        self.request = request
    }

    func received(_ piece: AnswerPiece) {}

    func ended(_ result: Result<Answer, any Error>) {
        do {
            switch result {
            case .success(let answer): try job.complete(self, answer)
            case .failure(let error as ProtocolError): try job.fail(index, error)
            // The run was stopped, or failed as a whole: the line is left for the next run.
            case .failure: break
            }
        } catch {
            job.abort(error)
        }
    }
}
