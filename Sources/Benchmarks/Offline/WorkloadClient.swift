import Platform
import Runtime
import Scheduling

/// Takes the engine's answers to a workload, and their times.
final class WorkloadClient: AnswerSink, @unchecked Sendable {
    // Unchecked: only the thread of the run uses it.

    /// The tokens of an answer, and the times of the first and the last token.
    struct Answer {
        var tokens: [TokenID] = []
        var first: Instant = .zero
        var last: Instant = .zero
    }
    private let workload: Workload
    private let driver: EngineDriver
    private let clock: RunClock
    private let onStep: (StepRecord, _ done: Int) -> Void
    private(set) var done = 0
    /// The answers by the index of the request in the workload.
    private(set) var answers: [Answer]
    /// The times between two tokens of an answer that follow each other, of all answers.
    private(set) var tokenGaps = DurationHistogram()
    private(set) var steps: [StepRecord] = []
    /// Why a request cannot run. The failure ends the run, unless the run is over already.
    private(set) var failure: BenchmarkError?

    /// - Parameter onStep: called when a micro-batch has retired, with the number of requests that have ended.
    init(
        _ workload: Workload, driver: EngineDriver, clock: RunClock,
        onStep: @escaping (StepRecord, _ done: Int) -> Void
    ) {
        self.workload = workload
        self.driver = driver
        self.clock = clock
        self.onStep = onStep
        answers = [Answer](repeating: Answer(), count: workload.requests.count)
    }

    /// Gives the engine the whole workload at once.
    func submit() {
        let submissions = workload.requests.enumerated().map { place, request in
            Submission(
                RequestSpec(
                    id: RequestID(place), prompt: request.prompt, maxNewTokens: request.outputTokens,
                    sampling: .greedy, forecast: request.forecast),
                to: self)
        }
        driver.submit(submissions)
        driver.finish()
    }

    func emitted(_ request: RequestID, _ tokens: [SampledToken]) -> Bool {
        let now = clock.now
        let index = request.rawValue
        for token in tokens {
            if answers[index].tokens.isEmpty {
                answers[index].first = now
            } else {
                tokenGaps.add(nanoseconds: max(0, now.nanoseconds - answers[index].last.nanoseconds))
            }
            answers[index].last = now
            answers[index].tokens.append(token.token)
        }
        return true
    }

    func ended(_ request: RequestID, _ end: RequestEnd) {
        done += 1
        guard case .rejected(let error) = end else { return }
        let failure = BenchmarkError(.badWorkload, "request '\(workload.requests[request.rawValue].id)': \(error)")
        self.failure = self.failure ?? failure
        driver.abort(failure)
    }

    func reported(_ step: StepRecord) {
        steps.append(step)
        onStep(step, done)
    }

    /// Seconds from the beginning of the run to each request's first token.
    var timesToFirstToken: [Double] { answers.map(\.first.seconds) }

    /// Mean seconds from one token of an answer to the next, for each request of two tokens or more.
    var timesPerOutputToken: [Double] {
        answers.compactMap { answer in
            answer.tokens.count > 1
                ? answer.last.seconds(since: answer.first) / Double(answer.tokens.count - 1) : nil
        }
    }
}
