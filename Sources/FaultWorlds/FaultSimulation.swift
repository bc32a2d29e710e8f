import Platform
import Scheduling
import Simulation

/// A world with faults at work: stages and messages on a virtual clock, and a controller that drives the core through
/// losses of stages.
///
/// When the controller hears of a loss, it tells the core, and orders every stage to forget what it holds. When all
/// stages have acknowledged, it tells the core that the lost stages are restored. Each order begins an epoch, so that
/// late acknowledgements of an earlier order are told apart. Messages to a stage that is away are lost; others arrive.
struct FaultSimulation: Sendable {
    enum Event: Sendable {
        case arrival(Int)
        case cancellation(RequestID)
        case stop(RequestID)
        case plan
        /// A draw of faults.
        case fault
        // At a stage:
        case announced(stage: Int, MicroBatch)
        case parcel(stage: Int, Parcel)
        case ended(stage: Int, serial: Int)
        case reset(stage: Int, FaultyStage.Reset)
        case comesBack(stage: Int)
        // At the controller:
        case retired(batch: Int, [[SampledToken]], stageSeconds: [Double])
        case lost(stage: Int, incarnation: Int)
        case returned(stage: Int, incarnation: Int)
        case acknowledged(stage: Int, epoch: Int, incarnation: Int)
    }

    let world: FaultWorld
    let planted: PlantedBug?
    var random: SeededRandom
    var log: SimulationLog
    var now = Instant.zero
    var events = EventQueue<Event>()
    var engine: WitnessedCore
    var totals = FaultTotals()

    // Stages and links.
    var stages: [FaultyStage]
    /// When each medium has carried all its transfers, in nanoseconds.
    var free: [Int64]

    // The controller.
    var board: RecoveryBoard
    /// Whether something was heard since the last plan.
    var hasNews = false
    var isPlanPending = false
    /// All dispatched micro-batches, for the planted bug that sends micro-batches again.
    var sent: [MicroBatch] = []

    // Faults.
    var draws = 0
    /// Micro-batches dispatched since faults ended or a stage was last lost.
    var quietMicroBatches = 0

    init(_ world: FaultWorld, planted: PlantedBug? = nil, log: SimulationLog.Level = .digest) {
        self.world = world
        self.planted = planted
        random = SeededRandom(seed: world.seed ^ 0xFA17)
        self.log = SimulationLog(log)
        engine = WitnessedCore(
            world.configuration, policy: world.makePolicy(), isForeseen: world.isForeseen,
            servesByArrival: world.servesByArrival, occupancy: world.occupancy, planted: planted
        ) { spec in world.requests[spec.id.rawValue].answer }
        let count = world.configuration.stages
        stages = (0..<count).map {
            FaultyStage(index: $0, configuration: world.configuration, isOrdered: planted != .unorderedStages)
        }
        free = Array(repeating: 0, count: world.sharesMedium ? 1 : max(1, count - 1))
        board = RecoveryBoard(stages: count)
    }

    /// Runs until no event is left, and checks that every request has ended.
    mutating func run() throws(FaultViolation) {
        let description = world.description
        log.add("world", at: now, [], words: description)
        for (index, request) in world.requests.enumerated() { events.add(.arrival(index), at: request.arrival) }
        if areFaultsOn { events.add(.fault, at: Instant(nanoseconds: world.faults.interval)) }
        let microBatchLimit = world.microBatchLimit
        var happened = 0
        while let next = events.nextTime {
            now = next
            while events.nextTime == now, let (_, event) = events.removeNext() {
                try happen(event)
                happened += 1
            }
            for stage in stages.indices { begin(stage) }
            try planOrPutOff()
            try expect(
                quietMicroBatches <= microBatchLimit, .liveness,
                "\(quietMicroBatches) micro-batches without a fault have not ended the run")
            try expect(happened < Self.mostEvents, .liveness, "\(happened) events have not ended the run")
        }
        if let lost = engine.core.lostStages.first {
            throw FaultViolation(.liveness, "nothing more happens, and \(lost) was not restored")
        }
        let left = engine.core.liveRequests
        try expect(left == 0, .liveness, "nothing more happens, and \(left) requests have not ended")
        try engine.checkEmpty()
        totals.add(engine.core.counters)
    }

    private static let mostEvents = 5_000_000

    /// Whether the world is in its phase of faults.
    var areFaultsOn: Bool {
        draws < world.faults.draws && engine.witness.dispatched < world.faults.microBatches
    }

    private mutating func happen(_ event: Event) throws(FaultViolation) {
        switch event {
        case .arrival(let index): try tell(.arrived(world.requests[index].spec))
        case .cancellation(let id): try tell(.cancelled(id))
        case .stop(let id): try tell(.stopped(id))
        case .plan:
            isPlanPending = false
            try plan()
        case .fault: drawFault()
        case .announced(let stage, let batch): stages[stage].announce(batch)
        case .parcel(let stage, let parcel): stages[stage].take(parcel)
        case .ended(let stage, let serial): end(stage, serial: serial)
        case .reset(let stage, let reset): acknowledge(stages[stage].take(reset), stage)
        case .comesBack(let stage): comeBack(stage)
        case .retired(let batch, let tokens, let seconds):
            try hear(RecoveryBoard.Retirement(batch: batch, tokens: tokens, seconds: seconds))
        case .lost(let stage, let incarnation): try hearLoss(stage, incarnation)
        case .returned(let stage, let incarnation): try hearReturn(stage, incarnation)
        case .acknowledged(let stage, let epoch, let incarnation):
            try hearAcknowledgement(stage, epoch: epoch, incarnation: incarnation)
        }
    }
}
