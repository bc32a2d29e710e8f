/// What happens to the core.
public enum EngineEvent: Sendable {
    /// A request came in.
    case arrived(RequestSpec)
    /// The caller gives up a request; it ends with `.cancelled`.
    case cancelled(RequestID)
    /// The caller found the end of an answer in its text; the request ends with `.stopped`.
    case stopped(RequestID)
    /// The last stage finished a micro-batch: for each slice, in order, the tokens drawn (none where nothing was asked;
    /// several where a stage speculates), and the seconds that each stage computed it (empty if nobody measured).
    case retired(MicroBatchID, [[SampledToken]], stageSeconds: [Double] = [])
    /// All events up to now have been told: plan and dispatch what can go.
    case schedule
}

/// What the core wants done. Rare and large cases are boxed: there is an action for each token.
public enum EngineAction: Sendable {
    /// Send to all stages.
    case dispatch(MicroBatch)
    /// New tokens of an answer, in order, each exactly once whatever was preempted and recomputed.
    case emit(RequestID, [SampledToken])
    /// The request ended; nothing more comes for it.
    case finish(RequestID, FinishReason)
    /// The request cannot run, or not to its end; nothing else comes for it.
    indirect case reject(RequestID, AdmissionError)
    /// A micro-batch retired.
    indirect case report(StepRecord)
}
