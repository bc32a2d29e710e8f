/// What happens to the core.
public enum EngineEvent: Sendable {
    /// A request came in.
    case arrived(RequestSpec)
    /// The caller gives up a request; it ends with `.cancelled`.
    case cancelled(RequestID)
    /// The caller found the end of an answer in its text; the request ends with `.stopped`.
    case stopped(RequestID)
    /// The last stage finished a micro-batch. The event holds, for each slice in order, the tokens drawn (none where
    /// no draw was asked for; several where a stage speculates) and the number of computed tokens of its sequence; and
    /// the seconds that each stage took for the micro-batch (empty if they were not measured).
    ///
    /// `computedThrough` counts tokens of the sequence, prompt and answer, whose keys and values are in the KV cache,
    /// and which are therefore not computed again. The count goes to the end of the slice at least. Where several
    /// tokens were drawn, it may include all of them but the last, as far as the blocks of the slice have room. If
    /// `computedThrough` is empty, each sequence is computed to the end of its slice.
    case retired(MicroBatchID, [[SampledToken]], computedThrough: [Int] = [], stageSeconds: [Double] = [])
    /// A stage is lost, with its layers' share of every KV block and all that it was computing. Every dispatched
    /// micro-batch is void: nothing is in flight any more. The sequences that hold blocks go back to the waiting queue,
    /// by arrival, to be computed again; the tokens of their answers are kept. Nothing is dispatched until every lost
    /// stage is restored.
    ///
    /// Other stages may still be at work on void micro-batches, and retirements of these may still come: such
    /// retirements are ignored and counted. The event changes nothing for a stage that is lost already.
    case stageLost(StageID)
    /// A lost stage holds its layers again, with an empty KV cache. When the last lost stage is restored, dispatching
    /// goes on and reuses the blocks of void micro-batches: by then no stage may hold, or be at work on, anything of a
    /// void micro-batch. The event changes nothing for a stage that is not lost.
    case stageRestored(StageID)
    /// All events up to now have been told: plan and dispatch what can go.
    case schedule
}

/// What the core wants done. Rare and large cases are boxed: there is an action for each token.
public enum EngineAction: Sendable {
    /// Send to all stages.
    case dispatch(MicroBatch)
    /// New tokens of an answer, in order. Each token is emitted exactly once, even if its sequence is recomputed.
    case emit(RequestID, [SampledToken])
    /// The request ended; nothing more comes for it.
    case finish(RequestID, FinishReason)
    /// The request cannot run, or not to its end; nothing else comes for it.
    indirect case reject(RequestID, AdmissionError)
    /// A micro-batch retired.
    indirect case report(StepRecord)
}
