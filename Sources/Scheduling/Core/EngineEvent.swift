/// What happens to the core.
public enum EngineEvent: Sendable {
    /// A request came in.
    case arrived(RequestSpec)
    /// The caller gives up a request; it ends with `.cancelled`.
    case cancelled(RequestID)
    /// The caller found the end of an answer in its text; the request ends with `.stopped`.
    case stopped(RequestID)
    /// The last stage finished a micro-batch: for each slice, in order, the tokens drawn (none where nothing was asked;
    /// several where a stage speculates), up to which token its sequence is computed, and the seconds that each stage
    /// computed it (empty if nobody measured).
    ///
    /// `computedThrough` counts tokens of the sequence, prompt and answer, whose keys and values stand in the cache: to
    /// the end of the slice at least, and where several tokens were drawn to all of these but the last, as far as the
    /// blocks of the slice have room. They are not computed again. Empty: each sequence to the end of its slice.
    case retired(MicroBatchID, [[SampledToken]], computedThrough: [Int] = [], stageSeconds: [Double] = [])
    /// A stage is gone, with its layers' share of every KV block and all that it was computing. Every micro-batch that
    /// was dispatched is void: nothing is in flight any more. The sequences that hold blocks go back among the waiting
    /// ones, by arrival, to be computed again; what they have answered stands. Nothing is dispatched until every lost
    /// stage is restored.
    ///
    /// Other stages may still be at work on void micro-batches, and their retirements may still come: those are ignored
    /// and counted. Told again of a stage that is lost already, it changes nothing.
    case stageLost(StageID)
    /// A lost stage holds its layers again, with an empty KV cache. When the last one is restored, dispatching goes on,
    /// and blocks are used again that void micro-batches had: by then no stage may hold, or be at work on, anything of
    /// these. Told of a stage that is not lost, it changes nothing.
    case stageRestored(StageID)
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
