import DequeModule
import Scheduling

/// The activations that a stage hands to the next stage.
struct Parcel: Sendable {
    let batch: Int
    /// A row for each token of the micro-batch.
    let rows: [UInt64]
    /// Seconds of each stage so far.
    let seconds: [Double]
}

/// A stage that takes messages as they come, twice, late and in any order, and runs micro-batches in the order of their
/// numbers. It can be lost, and comes back with an empty memory.
struct FaultyStage: Sendable {
    /// The order to forget every micro-batch below a number, and to go on from there.
    struct Reset: Sendable {
        let epoch: Int
        let next: Int
    }
    struct Task: Sendable {
        let batch: MicroBatch
        let input: Parcel
        let begin: Instant
        /// Tells this piece of work from pieces before a loss.
        let serial: Int
    }
    private let index: Int
    private let isOrdered: Bool
    private(set) var isUp = true
    /// How often the stage was lost.
    private(set) var incarnation = 0
    private(set) var task: Task?
    /// The factor by which the stage is slower than it should be.
    var slowness = 1
    private var memory: StageMemory
    /// The epoch of the last reset; nil after a loss, when the stage takes only a reset.
    private var epoch: Int? = 0
    private var next = 0
    private var serials = 0
    private var announced: [Int: MicroBatch] = [:]
    private var parcels: [Int: Parcel] = [:]
    /// For a stage without order (a planted bug): the ready micro-batches, in the order in which they became ready.
    private var ready = Deque<Int>()
    private var pending: Reset?

    init(index: Int, configuration: EngineConfiguration, isOrdered: Bool) {
        self.index = index
        self.isOrdered = isOrdered
        memory = StageMemory(stage: index, configuration: configuration)
    }

    mutating func lose(noise: UInt64) {
        isUp = false
        incarnation += 1
        task = nil
        epoch = nil
        pending = nil
        forget()
        memory.wipe(noise: noise)
    }

    mutating func comeBack() { isUp = true }

    mutating func announce(_ batch: MicroBatch) {
        let number = batch.id.rawValue
        guard isListening, number >= next, announced[number] == nil else { return }
        announced[number] = batch
        noteReady(number)
    }

    mutating func take(_ parcel: Parcel) {
        guard isListening, parcel.batch >= next, parcels[parcel.batch] == nil else { return }
        parcels[parcel.batch] = parcel
        noteReady(parcel.batch)
    }

    /// Takes a reset, now or when the work under way has ended. Returns the reset if it is to be acknowledged now.
    mutating func take(_ reset: Reset) -> Reset? {
        guard isUp, reset.epoch > epoch ?? -1, reset.epoch > pending?.epoch ?? -1 else { return nil }
        pending = reset
        return task == nil ? applyReset() : nil
    }

    /// Begins the next micro-batch if the stage is idle, and metadata and activations are there.
    mutating func begin(at now: Instant) -> Task? {
        guard isListening, task == nil else { return nil }
        let number = isOrdered ? next : ready.first ?? next
        guard let batch = announced[number], let input = input(of: batch) else { return nil }
        if !isOrdered { _ = ready.removeFirst() }
        announced[number] = nil
        parcels[number] = nil
        next = isOrdered ? number + 1 : next
        serials += 1
        task = Task(batch: batch, input: input, begin: now, serial: serials)
        return task
    }

    /// The work under way has ended. Returns its result, and the reset that is to be acknowledged; nil if the work was
    /// lost with the stage.
    mutating func end(serial: Int, at now: Instant) -> (parcel: Parcel, batch: MicroBatch, reset: Reset?)? {
        guard let task, task.serial == serial else { return nil }
        self.task = nil
        var rows: [UInt64] = []
        rows.reserveCapacity(task.input.rows.count)
        for slice in task.batch.slices {
            let first = rows.count
            rows += memory.run(slice, task.input.rows[first..<first + slice.tokens.count])
        }
        let seconds = task.input.seconds + [now.seconds(since: task.begin)]
        let parcel = Parcel(batch: task.batch.id.rawValue, rows: rows, seconds: seconds)
        return (parcel, task.batch, applyReset())
    }

    private var isListening: Bool { isUp && epoch != nil }

    private func input(of batch: MicroBatch) -> Parcel? {
        guard index == 0 else { return parcels[batch.id.rawValue] }
        var rows: [UInt64] = []
        for slice in batch.slices {
            for (offset, token) in slice.tokens.enumerated() {
                rows.append(HashedModel.embedding(token, at: slice.start + offset))
            }
        }
        return Parcel(batch: batch.id.rawValue, rows: rows, seconds: [])
    }

    private mutating func noteReady(_ number: Int) {
        guard !isOrdered, announced[number] != nil, index == 0 || parcels[number] != nil else { return }
        ready.append(number)
    }

    private mutating func applyReset() -> Reset? {
        guard let reset = pending else { return nil }
        pending = nil
        epoch = reset.epoch
        next = reset.next
        forget()
        return reset
    }

    private mutating func forget() {
        announced = [:]
        parcels = [:]
        ready = Deque()
    }
}
