/// A core with the loop around it: tells the core an event, and carries out its actions in order. Actions may lead to
/// further events, which are told at once.
///
/// Time and actions are left to the effects. The methods of the loop are generic over the effects and inlinable, so
/// that a loop costs no more than one written by hand for its effects.
public struct EngineLoop: Sendable {
    public private(set) var core: EngineCore
    /// How often the phase of a micro-batch differed from that of the micro-batch dispatched before it.
    public private(set) var phaseSwitches = 0
    /// The trials of policies in micro-batches that have retired, in their order.
    public private(set) var trials: [RecordedTrial] = []
    private var lastPhase: Phase?
    /// Actions of the core that have not been carried out yet.
    @usableFromInline var actions: [EngineAction] = []

    public init(_ core: consuming EngineCore) { self.core = core }

    /// Tells the core an event, and carries out all actions that follow from it.
    @inlinable
    public mutating func handle<Effects: EngineEffects>(
        _ event: EngineEvent, _ effects: inout Effects
    ) throws(Effects.Failure) {
        try tell(event, &effects)
        try carryOut(&effects)
    }

    /// Tells the core an event. The actions that follow are recorded, and wait for `carryOut`.
    @inlinable
    public mutating func tell<Effects: EngineEffects>(
        _ event: EngineEvent, _ effects: inout Effects
    ) throws(Effects.Failure) {
        let now = effects.now
        let first = actions.count
        tellCore(event, at: now)
        try effects.record(event, at: now, actions[first...])
    }

    /// Carries out the pending actions, and those of the events that they lead to.
    @inlinable
    public mutating func carryOut<Effects: EngineEffects>(_ effects: inout Effects) throws(Effects.Failure) {
        defer { actions.removeAll(keepingCapacity: true) }
        var next = 0
        while next < actions.count {
            if let event = try effects.perform(actions[next]) { try tell(event, &effects) }
            next += 1
        }
    }

    @usableFromInline
    mutating func tellCore(_ event: EngineEvent, at now: Instant) {
        let first = actions.count
        core.handle(event, at: now, into: &actions)
        switch event {
        case .schedule:
            for case .dispatch(let batch) in actions[first...] {
                if let lastPhase, lastPhase != batch.phase { phaseSwitches += 1 }
                lastPhase = batch.phase
            }
        case .retired:
            for case .report(let step) in actions[first...] where !step.trials.isEmpty {
                trials += step.recordedTrials
            }
        default: break
        }
    }
}
