import BatchInference
import Reporting
import Scheduling

/// Feeds the progress line from the micro-batches of a run.
struct ProgressDisplay {
    private var writer = ProgressWriter.standardError()
    private let isOn: Bool
    private var promptTokens = 0
    private var outputTokens = 0
    /// Moments of the last seconds with the tokens computed up to each, oldest first.
    private var window: [(at: Instant, tokens: Int)] = [(.zero, 0)]
    private var last: ProgressState?
    private static let windowSeconds = 3.0

    init(isOn: Bool) { self.isOn = isOn }

    mutating func show(_ progress: BatchProgress) {
        guard isOn else { return }
        let step = progress.step
        promptTokens += step.prefillTokens
        outputTokens += step.decodeTokens
        let total = promptTokens + outputTokens
        window.append((step.retired, total))
        while window.count > 2, step.retired.seconds(since: window[0].at) > Self.windowSeconds { window.removeFirst() }
        let span = step.retired.seconds(since: window[0].at)
        let rate = span > 0 ? Double(total - window[0].tokens) / span : 0
        let state = ProgressState(
            requestsDone: progress.requestsDone, requestsTotal: progress.requestsTotal, failed: progress.failed,
            phase: step.phase, tokensPerSecond: rate, promptTokens: promptTokens, outputTokens: outputTokens,
            expectedTokens: progress.expectedTokens, elapsedSeconds: step.retired.seconds,
            kvUse: Double(step.blocksInUse) / Double(progress.blocksTotal))
        last = state
        writer.update(state, at: step.retired)
    }

    mutating func finish() {
        if let last { writer.finish(last) }
    }
}
