import DequeModule
import Scheduling

/// How long a simulated stage was at work.
public struct SimulatedStage: Sendable, Hashable {
    /// Nanoseconds of layers and shares of the output head.
    public private(set) var busyNanoseconds: Int64 = 0
    /// Nanoseconds of shares of the output head alone.
    public private(set) var headNanoseconds: Int64 = 0
    /// Begin of the first piece of work; nil before it.
    public private(set) var first: Instant?
    /// End of the last piece of work; nil before the first.
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

/// One stage and its work, as in the runtime's stage inbox. A stage does one thing at a time: shares of the output head
/// first, then micro-batches in the order of their numbers, once their metadata and activations are there.
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
    /// The number of micro-batches whose metadata came, in the order of their numbers.
    private var announced = 0
    /// The number of micro-batches whose activations came, in the order of their numbers.
    private var parcels = 0
    private var heads = Deque<Int>()
    private(set) var task: Task?
    /// The micro-batch whose layers the stage computes, until it hands the micro-batch over.
    private(set) var open: Int?
    private(set) var use = SimulatedStage()

    init(isFirst: Bool) { self.isFirst = isFirst }

    mutating func announce() { announced += 1 }
    mutating func takeParcel() { parcels += 1 }
    mutating func takeHead(_ batch: Int) { heads.append(batch) }

    var isIdle: Bool { task == nil }
    /// The micro-batch of the first output head in the queue.
    var nextHead: Int? { heads.first }
    /// Drops the first head, of which no piece is left.
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
    /// Whether the stage has work other than the open micro-batch.
    var hasNext: Bool { !heads.isEmpty || hasLayers }
    /// Whether the stage has nothing to do until something arrives.
    var isWaiting: Bool { isIdle && open == nil && !hasNext }

    /// Opens the next micro-batch if it is there and none is open. Returns the open micro-batch; nil if none is open.
    mutating func openLayers() -> Int? {
        if open == nil, hasLayers {
            open = nextBatch
            nextBatch += 1
        }
        return open
    }

    /// Begins a piece of the layers of the open micro-batch.
    mutating func beginLayers(at now: Instant) -> Task {
        precondition(isIdle && open != nil)
        let begun = Task(work: .layers, batch: open!, begin: now)
        task = begun
        return begun
    }

    /// The open micro-batch has been handed over.
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
