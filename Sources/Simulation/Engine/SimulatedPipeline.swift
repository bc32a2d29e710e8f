import Scheduling

/// A pipeline that computes nothing: stages and links take as long as a `StageTiming` and a `SimulatedNetwork` say, on
/// a virtual clock, in the order in which the runtime's stages and links work.
///
/// - A micro-batch's metadata goes to all stages at once; its activations go from stage to stage while the senders go
///   on.
/// - A stage does one thing at a time: shares of the output head first, then micro-batches in the order of their
///   numbers.
/// - Where a micro-batch draws tokens, the last stage sends the rows to every other stage whose share of the output
///   head takes time; the micro-batch is done when all shares are. Stages may take pieces of each other's shares
///   (`StageTiming.headPieces`). A micro-batch that draws nothing, or whose head costs nothing, is done with the last
///   layers.
/// - Where the timing cuts layers into pieces, the border between two stages moves while all micro-batches in flight
///   are decode steps of about the same size (`WorkSharing`).
/// - Micro-batches retire in the order of their numbers.
///
/// At one moment, first everything arrives, in the order of sending; then idle stages begin, the first stage first. So
/// a share of the head that arrives together with a micro-batch is computed before this micro-batch.
public struct SimulatedPipeline: Sendable {
    /// A retired micro-batch, as the controller hears of it.
    public struct Retirement: Sendable {
        public let batch: MicroBatchID
        /// The drawn tokens of each slice; empty for a slice without draws.
        public let tokens: [[SampledToken]]
        /// Seconds that each stage took: its layers, and its share of the head.
        public let stageSeconds: [Double]
        public let time: Instant

        /// The retirement as an event for the core.
        public var event: EngineEvent { .retired(batch, tokens, stageSeconds: stageSeconds) }
    }

    private enum Event: Sendable {
        /// Metadata reaches all stages.
        case announced
        /// The next activations reach a stage.
        case parcel(stage: Int)
        /// Rows of a micro-batch reach a stage with a share of the output head.
        case rows(stage: Int, batch: Int)
        case ended(stage: Int)
        /// A micro-batch's tokens reach the controller.
        case result(batch: Int)
    }

    private let timing: any StageTiming
    private let dispatchDelay: Int64
    private let retireDelay: Int64
    private var events = EventQueue<Event>()
    private var stages: [StageServer]
    /// Links to the next stage, then links to the heads.
    private var links: TransferServer
    private var flights = FlightTable()
    private var retired: [Retirement] = []
    private let recordsSpans: Bool
    /// The index of the first piece of layers of each stage; at last, the number of pieces.
    private let borders: [Int]
    /// Whether stages compute each other's layers.
    private let movesBorders: Bool

    /// The moment up to which everything has happened.
    public private(set) var now = Instant.zero
    /// In the order of their ends; empty unless they are recorded.
    public private(set) var spans: [StageSpan] = []
    public internal(set) var log: SimulationLog

    /// - Throws: `invalid_setting` if the network and the timing differ in their number of stages, or if a latency or a
    ///   bandwidth is outside its limits.
    public init(
        timing: any StageTiming, network: SimulatedNetwork, recordsSpans: Bool = false,
        log: SimulationLog.Level = .off
    ) throws(SimulationError) {
        let stages = timing.stages
        guard stages > 0 else {
            throw SimulationError(.invalidSetting, "the timing has \(stages) stages; at least 1 is needed")
        }
        guard network.forward.count == stages - 1, network.toHeads.count == stages - 1 else {
            throw SimulationError(
                .invalidSetting,
                "the network has \(network.forward.count) links between stages and \(network.toHeads.count) to shares "
                    + "of the head; \(stages) stages need \(stages - 1) of each")
        }
        let pieces = timing.layerPieces.isEmpty ? [Int](repeating: 1, count: stages) : timing.layerPieces
        guard pieces.count == stages, pieces.allSatisfy({ 1...(1 << 20) ~= $0 }) else {
            throw SimulationError(
                .invalidSetting,
                "the layers of \(stages) stages are cut into \(pieces) pieces; 1 or more each are possible")
        }
        borders = pieces.reduce(into: [0]) { $0.append($0.last! + $1) }
        movesBorders = !timing.layerPieces.isEmpty
        self.timing = timing
        self.recordsSpans = recordsSpans
        dispatchDelay = try VirtualTime.nanoseconds(network.dispatchSeconds, of: "a dispatch")
        retireDelay = try VirtualTime.nanoseconds(network.retireSeconds, of: "a retirement")
        links = try TransferServer(network.forward + network.toHeads)
        self.stages = (0..<stages).map { StageServer(isFirst: $0 == 0) }
        self.log = SimulationLog(log)
    }

    /// The use of each stage.
    public var stageUse: [SimulatedStage] { stages.map(\.use) }
    /// Nanoseconds for which the transfers of each link occupied its medium: links to the next stage, then links to the
    /// heads.
    public var linkNanoseconds: [Int64] { links.busy }
    /// The time of the next event; nil if nothing is under way.
    public var nextTime: Instant? { events.nextTime }
    public var microBatchesInFlight: Int { flights.next - flights.oldest }

    /// Sends a micro-batch's metadata to all stages. Micro-batches come in the order of their numbers, from 0.
    /// - Parameter time: when the message leaves: not before `now`, nor before the message of the previous micro-batch.
    public mutating func dispatch(_ batch: MicroBatch, at time: Instant) throws(SimulationError) {
        precondition(batch.id.rawValue == flights.next, "\(batch.id) was dispatched out of order")
        precondition(time >= now, "\(batch.id) was dispatched in the past")
        flights.append(Flight(batch, stages: stages.count))
        events.add(.announced, at: try time.later(dispatchDelay))
    }

    /// Lets everything happen up to a moment, that moment included.
    public mutating func advance(to time: Instant) throws(SimulationError) {
        while let next = events.nextTime, next <= time {
            now = next
            while events.nextTime == now, let (_, event) = events.removeNext() { try happen(event) }
            for stage in stages.indices { try begin(stage) }
        }
        now = max(now, time)
    }

    /// The micro-batches of which the controller has heard since the last call, in order.
    public mutating func takeRetirements() -> [Retirement] {
        defer { retired.removeAll(keepingCapacity: true) }
        return retired
    }

    private mutating func happen(_ event: Event) throws(SimulationError) {
        switch event {
        case .announced: for stage in stages.indices { stages[stage].announce() }
        case .parcel(let stage): stages[stage].takeParcel()
        case .rows(let stage, let batch): stages[stage].takeHead(batch)
        case .ended(let stage): try end(stage)
        case .result(let batch): take(batch)
        }
    }

    private mutating func begin(_ stage: Int) throws(SimulationError) {
        guard let (task, seconds) = try nextTask(stage) else { return }
        let load = flights[task.batch].load
        let duration = try VirtualTime.nanoseconds(seconds, of: "stage \(stage), \(task.work.rawValue) of \(load),")
        log.add("begin", at: now, [("stage", stage), ("batch", task.batch)], words: task.work.rawValue)
        events.add(.ended(stage: stage), at: try now.later(duration))
    }

    /// The task that an idle stage begins now, and its seconds; nil if the stage has nothing to do.
    private mutating func nextTask(_ stage: Int) throws(SimulationError) -> (StageServer.Task, Double)? {
        guard stages[stage].isIdle else { return nil }
        repeat {
            if let batch = stages[stage].open {
                if continues(batch, on: stage) { return beginLayers(stage) }
                try handOver(batch, from: stage)
            }
            while let batch = stages[stage].nextHead {
                if let owner = takePiece(of: batch, for: stage) {
                    let seconds = timing.headSeconds(flights[batch].load, on: owner) / Double(timing.headPieces)
                    return (stages[stage].beginHead(at: now), seconds)
                }
                stages[stage].dropHead()
            }
        } while stages[stage].openLayers() != nil
        return nil
    }

    /// Begins the next piece of layers on a stage; it takes as long as on the stage that owns the layers.
    private mutating func beginLayers(_ stage: Int) -> (StageServer.Task, Double) {
        let task = stages[stage].beginLayers(at: now)
        let flight = flights[task.batch]
        var owner = stage
        while flight.nextLayer < borders[owner] { owner -= 1 }
        while flight.nextLayer >= borders[owner + 1] { owner += 1 }
        let seconds = timing.layerSeconds(flight.load, cacheReads: flight.cacheReads, on: owner)
        return (task, seconds / Double(borders[owner + 1] - borders[owner]))
    }

    /// Whether a stage computes the next layers of its open micro-batch.
    private mutating func continues(_ batch: Int, on stage: Int) -> Bool {
        let flight = flights[batch]
        if flight.nextLayer < WorkSharing.firstBorder(of: borders[stage]..<borders[stage + 1]) { return true }
        let isOwn = flight.nextLayer < borders[stage + 1]
        guard movesBorders, flight.isAmongLikeDecodeSteps, stage + 1 < stages.count else { return isOwn }
        dropEmptyHeads(stage)
        dropEmptyHeads(stage + 1)
        return WorkSharing.continues(
            isOwn: isOwn, hasNext: stages[stage].hasNext, isAwaited: stages[stage + 1].isWaiting)
    }

    /// Drops the output heads of which no piece is left for a stage to begin.
    private mutating func dropEmptyHeads(_ stage: Int) {
        while let batch = stages[stage].nextHead {
            guard batch < flights.oldest || !flights[batch].hasPiece(for: stage, steals: timing.headPieces > 1) else {
                return
            }
            stages[stage].dropHead()
        }
    }

    /// The end of the layers that a stage can compute.
    private func reach(of stage: Int) -> Int {
        let end = borders[stage + 1]
        guard movesBorders, stage + 1 < stages.count else { return end }
        return end + WorkSharing.sharedLayers(of: borders[stage + 2] - end)
    }

    /// A stage is done with a micro-batch's layers.
    private mutating func handOver(_ batch: Int, from stage: Int) throws(SimulationError) {
        stages[stage].close()
        guard stage + 1 < stages.count else { return try shareHead(batch) }
        let arrival = try send(batch, bytes: timing.activationBytes(flights[batch].load), from: stage, over: stage)
        events.add(.parcel(stage: stage + 1), at: arrival)
    }

    /// Takes a piece of a micro-batch's head. Other stages may have finished the head: a micro-batch that has retired
    /// has no pieces.
    private mutating func takePiece(of batch: Int, for stage: Int) -> Int? {
        guard batch >= flights.oldest else { return nil }
        return flights[batch].takePiece(for: stage, steals: timing.headPieces > 1)
    }

    private mutating func end(_ stage: Int) throws(SimulationError) {
        let span = stages[stage].end(at: now, stage: stage)
        let batch = span.microBatch.rawValue
        log.add("end", at: now, [("stage", stage), ("batch", batch)], words: span.work.rawValue)
        if recordsSpans { record(span) }
        flights[batch].stageSeconds[stage] += span.end.seconds(since: span.begin)
        if span.work == .head {
            flights[batch].piecesLeft -= 1
            if flights[batch].piecesLeft == 0 { try complete(batch) }
        } else {
            flights[batch].nextLayer += 1
            if flights[batch].nextLayer == reach(of: stage) { try handOver(batch, from: stage) }
        }
    }

    /// Pieces of a head or of layers that follow each other on a stage are one span, as in the runtime.
    private mutating func record(_ span: StageSpan) {
        if let last = spans.lastIndex(where: { $0.stage == span.stage }) {
            let before = spans[last]
            if before.work == span.work, before.microBatch == span.microBatch, before.end == span.begin {
                spans.remove(at: last)
                spans.append(
                    StageSpan(
                        stage: span.stage, microBatch: span.microBatch, work: span.work, begin: before.begin,
                        end: span.end)
                )
                return
            }
        }
        spans.append(span)
    }

    /// Shares out the output head once the last stage has ended its layers. The other stages are served first, as they
    /// may be idle.
    private mutating func shareHead(_ batch: Int) throws(SimulationError) {
        let load = flights[batch].load
        guard load.sequences > 0 else { return try complete(batch) }
        let last = stages.count - 1
        let rows = StepLoad(tokens: load.sequences, context: 0, sequences: load.sequences)
        let sharing = stages.indices.filter { timing.headSeconds(load, on: $0) > 0 }
        flights[batch].freePieces = stages.indices.map { sharing.contains($0) ? timing.headPieces : 0 }
        flights[batch].piecesLeft = sharing.count * timing.headPieces
        for stage in sharing {
            if stage == last {
                stages[stage].takeHead(batch)
            } else {
                let arrival = try send(batch, bytes: timing.activationBytes(rows), from: last, over: last + stage)
                events.add(.rows(stage: stage, batch: batch), at: arrival)
            }
        }
        if sharing.isEmpty { try complete(batch) }
    }

    private mutating func send(
        _ batch: Int, bytes: Int, from stage: Int, over link: Int
    ) throws(SimulationError) -> Instant {
        guard bytes >= 0 else {
            throw SimulationError(.invalidSetting, "micro-batch \(batch) sends \(bytes) bytes; it must be at least 0")
        }
        let arrival = try links.send(bytes: bytes, over: link, at: now)
        log.add(
            "send", at: now,
            [
                ("stage", stage), ("batch", batch), ("link", link), ("bytes", bytes),
                ("arrival", Int(arrival.nanoseconds)),
            ])
        return arrival
    }

    private mutating func complete(_ batch: Int) throws(SimulationError) {
        events.add(.result(batch: batch), at: try now.later(retireDelay))
    }

    private mutating func take(_ batch: Int) {
        flights[batch].isDone = true
        while let (number, flight) = flights.removeDone() {
            log.add("retire", at: now, [("batch", number)])
            retired.append(
                Retirement(
                    batch: MicroBatchID(number), tokens: flight.tokens, stageSeconds: flight.stageSeconds, time: now))
        }
    }
}
