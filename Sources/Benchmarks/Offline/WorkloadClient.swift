import Runtime
import Scheduling

/// Feeds a workload to the engine, all of it at once, and keeps what came out and when.
final class WorkloadClient: EngineClient {
    /// A request's tokens, and the moments of its first and last one.
    struct Answer {
        var tokens: [TokenID] = []
        var first: Instant = .zero
        var last: Instant = .zero
    }
    private let workload: Workload
    private let clock: RunClock
    private let onStep: (StepRecord, _ done: Int) -> Void
    private var next = 0
    private(set) var done = 0
    /// By the request's place in the workload.
    private(set) var answers: [Answer]
    private(set) var steps: [StepRecord] = []

    /// - Parameter onStep: called when a micro-batch has retired, with the number of requests that have ended.
    init(_ workload: Workload, clock: RunClock, onStep: @escaping (StepRecord, _ done: Int) -> Void) {
        self.workload = workload
        self.clock = clock
        self.onStep = onStep
        answers = [Answer](repeating: Answer(), count: workload.requests.count)
    }

    func nextRequest() -> RequestSpec? {
        guard next < workload.requests.count else { return nil }
        defer { next += 1 }
        let request = workload.requests[next]
        return RequestSpec(
            id: RequestID(next), prompt: request.prompt, maxNewTokens: request.outputTokens, sampling: .greedy,
            forecast: request.forecast)
    }

    func emitted(_ request: RequestID, _ tokens: [SampledToken]) -> Bool {
        let now = clock.now
        let index = request.rawValue
        if answers[index].tokens.isEmpty { answers[index].first = now }
        answers[index].last = now
        answers[index].tokens += tokens.map(\.token)
        return true
    }

    func finished(_ request: RequestID, _ reason: FinishReason) { done += 1 }

    func rejected(_ request: RequestID, _ error: AdmissionError) throws {
        throw BenchmarkError(.badWorkload, "request '\(workload.requests[request.rawValue].id)': \(error)")
    }

    func reported(_ step: StepRecord) {
        steps.append(step)
        onStep(step, done)
    }

    /// Seconds from the beginning of the run to each request's first token.
    var timesToFirstToken: [Double] { answers.map(\.first.seconds) }

    /// Seconds from one token of an answer to the next, for each request of two tokens or more.
    var timesPerOutputToken: [Double] {
        answers.compactMap { answer in
            answer.tokens.count > 1
                ? answer.last.seconds(since: answer.first) / Double(answer.tokens.count - 1) : nil
        }
    }
}
