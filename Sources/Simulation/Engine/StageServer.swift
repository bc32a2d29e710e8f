import DequeModule
import Scheduling

/// When a simulated stage was at work, in sums.
public struct SimulatedStage: Sendable, Hashable {
    /// Nanoseconds of layers and shares of the output head, and those of the shares alone.
    public private(set) var busyNanoseconds: Int64 = 0
    public private(set) var headNanoseconds: Int64 = 0
    /// Begin of the first piece of work and end of the last; nil before the first.
    public private(set) var first: Instant?
    public private(set) var last: Instant?

    public var busySeconds: Double { Double(busyNanoseconds) * 1e-9 }

    mutating func add(_ span: StageSpan) {
        let nanoseconds = span.end.nanoseconds - span.begin.nanoseconds
        busyNanoseconds += nanoseconds
        if span.work == .head { headNanoseconds += nanoseconds }
        if first == nil { first = span.begin }
        last = span.end
    }
}

/// One stage and all that it is given to do, as the runtime's stage inbox keeps it: one thing at a time, micro-batches in
/// the order of their numbers once metadata and activations are there, and before them shares of the output head.
struct StageServer: Sendable {
    /// A piece of work under way.
    struct Task: Sendable {
        let work: StageWork
        let batch: Int
        let begin: Instant
    }
    private let isFirst: Bool
    /// The next micro-batch to run through the layers.
    private var nextBatch = 0
    /// Micro-batches whose metadata came, and whose activations came: both come in the order of numbers.
    private var announced = 0
    private var parcels = 0
    private var heads = Deque<Int>()
    private(set) var task: Task?
    /// The micro-batch whose layers it is at, until it hands it over.
    private(set) var open: Int?
    private(set) var use = SimulatedStage()

    init(isFirst: Bool) { self.isFirst = isFirst }

    mutating func announce() { announced += 1 }
    mutating func takeParcel() { parcels += 1 }
    mutating func takeHead(_ batch: Int) { heads.append(batch) }

    var isIdle: Bool { task == nil }
    /// The micro-batch whose head comes first.
    var nextHead: Int? { heads.first }
    /// Nothing of the first head is left.
    mutating func dropHead() { _ = heads.removeFirst() }

    /// Begins a piece of the first head.
    mutating func beginHead(at now: Instant) -> Task {
        precondition(isIdle && !heads.isEmpty)
        let begun = Task(work: .head, batch: heads.first!, begin: now)
        task = begun
        return begun
    }

    /// Whether the next micro-batch can go through the layers.
    private var hasLayers: Bool { nextBatch < announced && (isFirst || nextBatch < parcels) }
    /// Whether there is something to do beside the micro-batch that it is at.
    var hasNext: Bool { !heads.isEmpty || hasLayers }
    /// Whether the stage waits for something that is not there.
    var isWaiting: Bool { isIdle && open == nil && !hasNext }

    /// Takes the next micro-batch, if the stage has it and is at no other. Returns the one that it is at.
    mutating func openLayers() -> Int? {
        if open == nil, hasLayers {
            open = nextBatch
            nextBatch += 1
        }
        return open
    }

    /// Begins a piece of the layers of the micro-batch that it is at.
    mutating func beginLayers(at now: Instant) -> Task {
        precondition(isIdle && open != nil)
        let begun = Task(work: .layers, batch: open!, begin: now)
        task = begun
        return begun
    }

    /// The micro-batch that it is at has been handed over.
    mutating func close() { open = nil }

    /// The work under way has ended.
    mutating func end(at now: Instant, stage: Int) -> StageSpan {
        guard let task else { preconditionFailure("stage \(stage) ended what it had not begun") }
        let span = StageSpan(
            stage: StageID(stage), microBatch: MicroBatchID(task.batch), work: task.work, begin: task.begin, end: now)
        use.add(span)
        self.task = nil
        return span
    }
}
