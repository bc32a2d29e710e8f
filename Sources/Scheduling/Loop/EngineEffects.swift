/// The state of an answer after new tokens, according to the reader of its text.
public enum AnswerState: Sendable, Hashable {
    case goesOn
    /// The text contains a stop string: the core is told `.stopped` at once.
    case isComplete
    /// No reader can take the answer any more: the core is told `.cancelled` at once.
    case isGivenUp
}

/// The world around a core: what its actions do, and what time it is. A driver of real stages, a simulator, a fault
/// world and a benchmark each bring their own.
///
/// Methods are called in the order of the actions. An error that a method throws ends the handling of the event.
public protocol EngineEffects {
    /// `Never` where nothing can go wrong.
    associatedtype Failure: Error

    /// The time of the event that is about to be told.
    var now: Instant { get }

    /// Called for each event with its time and all actions that follow from it, before any of the actions is carried
    /// out: for a log that can be replayed. Does nothing by default.
    mutating func record(
        _ event: EngineEvent, at now: Instant, _ actions: ArraySlice<EngineAction>
    ) throws(Failure)

    /// Sends a micro-batch to all stages.
    mutating func dispatch(_ batch: MicroBatch) throws(Failure)
    /// Hands on new tokens of an answer.
    mutating func emit(_ request: RequestID, _ tokens: [SampledToken]) throws(Failure) -> AnswerState
    /// A request has ended.
    mutating func finish(_ request: RequestID, _ reason: FinishReason) throws(Failure)
    /// A request cannot run, or not to its end.
    mutating func reject(_ request: RequestID, _ error: AdmissionError) throws(Failure)
    /// A micro-batch has retired.
    mutating func report(_ step: StepRecord) throws(Failure)
}

extension EngineEffects {
    @inlinable
    public mutating func record(
        _ event: EngineEvent, at now: Instant, _ actions: ArraySlice<EngineAction>
    ) throws(Failure) {}

    /// Carries out one action.
    /// - Returns: the event to tell the core in response; nil if there is none.
    @inlinable
    public mutating func perform(_ action: EngineAction) throws(Failure) -> EngineEvent? {
        switch action {
        case .dispatch(let batch): try dispatch(batch)
        case .emit(let request, let tokens):
            switch try emit(request, tokens) {
            case .goesOn: break
            case .isComplete: return .stopped(request)
            case .isGivenUp: return .cancelled(request)
            }
        case .finish(let request, let reason): try finish(request, reason)
        case .reject(let request, let error): try reject(request, error)
        case .report(let step): try report(step)
        }
        return nil
    }
}
