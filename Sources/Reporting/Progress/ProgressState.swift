import Scheduling

/// The state of a run in progress, as a progress line shows it.
package struct ProgressState: Sendable, Hashable {
    /// Requests that have ended, failed ones included.
    package var requestsDone: Int
    /// All requests of the run.
    package var requestsTotal: Int
    /// Ended requests that failed.
    package var failed: Int
    /// Phase of the latest micro-batch; nil before the first.
    package var phase: Phase?
    /// Prompt and output tokens computed per second, over the last few seconds.
    package var tokensPerSecond: Double
    /// Prompt tokens computed since the run began.
    package var promptTokens: Int
    /// Output tokens computed since the run began.
    package var outputTokens: Int
    /// The most prompt and output tokens that the whole run can come to; nil if not known.
    package var expectedTokens: Int?
    package var elapsedSeconds: Double
    /// Share of the KV blocks in use, 0 to 1; nil if not known.
    package var kvUse: Double?

    package init(
        requestsDone: Int, requestsTotal: Int, failed: Int = 0, phase: Phase? = nil, tokensPerSecond: Double = 0,
        promptTokens: Int = 0, outputTokens: Int = 0, expectedTokens: Int? = nil, elapsedSeconds: Double = 0,
        kvUse: Double? = nil
    ) {
        self.requestsDone = requestsDone
        self.requestsTotal = requestsTotal
        self.failed = failed
        self.phase = phase
        self.tokensPerSecond = tokensPerSecond
        self.promptTokens = promptTokens
        self.outputTokens = outputTokens
        self.expectedTokens = expectedTokens
        self.elapsedSeconds = elapsedSeconds
        self.kvUse = kvUse
    }

    /// The share of the work that is done, 0 to 1: the larger of the share of the requests that have ended and the
    /// share of the expected tokens that are computed. Both shares are too low (a request counts only at its end, and
    /// the expected tokens are an upper bound), so the larger is closer. The result is 1 only when all requests have
    /// ended.
    package var shareDone: Double {
        guard requestsTotal > 0, requestsDone < requestsTotal else { return 1 }
        let requests = Double(max(0, requestsDone)) / Double(requestsTotal)
        guard let expectedTokens, expectedTokens > 0 else { return requests }
        let tokens = (Double(promptTokens) + Double(outputTokens)) / Double(expectedTokens)
        return max(requests, min(0.99, max(0, tokens)))
    }

    /// The time that the rest of the work takes at the mean pace so far: elapsed * (1 - share) / share. Nil in the
    /// first second and below a share of 0.5 %, when the pace says little.
    package var secondsLeft: Double? {
        let share = shareDone
        if share >= 1 { return 0 }
        guard elapsedSeconds >= 1, share >= 0.005 else { return nil }
        return elapsedSeconds * (1 - share) / share
    }
}
