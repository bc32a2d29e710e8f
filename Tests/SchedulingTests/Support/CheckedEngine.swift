import FaultWorlds
import Scheduling

/// A witnessed core with a model in miniature behind it. A value: copy it to try two ways on.
struct CheckedEngine {
    private var witnessed: WitnessedCore
    private(set) var inFlight: [MicroBatch] = []
    private(set) var actions: [ActionRecord] = []
    private(set) var events: [(event: EngineEvent, time: Instant)] = []
    /// Requests that were given tokens by the last event.
    private(set) var answered: [RequestID] = []
    private var model: HashedStages
    private let isRecorded: Bool

    /// Stages of the model, however many the pipeline has: what the first hands on of a token tells the second of those
    /// before it.
    private static let modelStages = 2

    init(
        _ configuration: EngineConfiguration, policy: any SchedulingPolicy, vocabulary: Int, isRecorded: Bool = true,
        drawsOne: Bool = true, isForeseen: Bool = false
    ) {
        witnessed = WitnessedCore(
            configuration, policy: policy, isForeseen: isForeseen,
            servesByArrival: (policy as? TDPipePolicy)?.options.order != .longest, drawsOne: drawsOne
        ) { spec in Self.answer(to: spec, context: configuration.contextLength, vocabulary: vocabulary) }
        model = HashedStages(configuration, stages: Self.modelStages, vocabulary: vocabulary)
        self.isRecorded = isRecorded
    }

    var core: EngineCore { witnessed.core }
    var witness: Witness { witnessed.witness }

    /// What a request answers with nothing beside it and no cache at all: the oracle.
    static func answer(to spec: RequestSpec, context: Int, vocabulary: Int) -> [TokenID] {
        HashedModel.answer(
            to: spec, limit: spec.maxNewTokens ?? context - spec.prompt.count, stages: modelStages,
            vocabulary: vocabulary)
    }

    mutating func tell(_ event: EngineEvent, at now: Instant = .zero) throws {
        if isRecorded { events.append((event, now)) }
        if case .stageLost = event {
            inFlight = []
            model.wipe()
        }
        answered = []
        for action in try witnessed.tell(event, at: now) {
            if isRecorded { actions.append(ActionRecord(action)) }
            switch action {
            case .dispatch(let batch): inFlight.append(batch)
            case .emit(let id, _): answered.append(id)
            case .finish, .reject, .report: break
            }
        }
    }

    /// The last stage is done with the oldest micro-batch.
    /// - Parameters:
    ///   - depth: tokens that each draw gives.
    ///   - keeps: whether the keys of the tokens that were drawn ahead stay in the cache, as far as there is room.
    mutating func retireOldest(
        depth: Int = 1, keeps: Bool = false, stageSeconds: [Double] = [], at now: Instant = .zero
    ) throws {
        let batch = inFlight.removeFirst()
        let (tokens, computedThrough) = model.run(batch, depth: depth, keeps: keeps)
        let event = EngineEvent.retired(
            batch.id, tokens, computedThrough: keeps ? computedThrough : [], stageSeconds: stageSeconds)
        try tell(event, at: now)
    }

    /// Nothing may be left once all requests have ended.
    func checkEmpty() throws {
        try require(inFlight.isEmpty, "\(inFlight.count) micro-batches are left")
        try witnessed.checkEmpty()
    }
}
