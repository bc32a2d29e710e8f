import DequeModule
import Scheduling
import Simulation

/// An account of requests and blocks beside the core's, kept from nothing but what the core wants done, and held against
/// the invariants.
struct FaultWitness: Sendable {
    struct Entry: Sendable {
        enum State: Sendable { case unborn, live, ended }
        var state = State.unborn
        /// Tokens of the answer so far.
        var answered = 0
        /// Tokens issued since the start, or since the last restart.
        var issued = 0
        var table: [BlockID] = []
        var inFlight = 0
        var wasBegun = false
        /// Another request was given one of its blocks: it has to begin again.
        var mustRestart = false
    }
    private struct Flight: Sendable {
        let phase: Phase
        let slices: [(request: Int, blocks: [BlockID])]
    }
    private let world: FaultWorld
    /// By request id.
    private(set) var entries: [Entry]
    /// By block: the request that holds it, or -1, and the slices in flight that may touch it.
    private var owner: [Int]
    private var touches: [Int]
    private var flights = Deque<Flight>()
    /// Requests that have not begun, by arrival.
    private var fresh: [Int] = []
    private(set) var dispatched = 0

    init(_ world: FaultWorld) {
        self.world = world
        entries = Array(repeating: Entry(), count: world.requests.count)
        owner = Array(repeating: -1, count: world.configuration.blockCount)
        touches = Array(repeating: 0, count: world.configuration.blockCount)
    }

    var inFlight: Int { flights.count }
    var live: Int { entries.count { $0.state == .live } }

    func isLive(_ id: RequestID) -> Bool {
        entries.indices.contains(id.rawValue) && entries[id.rawValue].state == .live
    }

    /// Whether nothing is left to be said of a request: its answer is whole, or no longer fits the pool.
    func isComplete(_ id: RequestID) -> Bool {
        entries[id.rawValue].answered == world.requests[id.rawValue].answer.count || hasOutgrown(id)
    }

    // MARK: requests

    mutating func arrive(_ id: RequestID) {
        entries[id.rawValue].state = .live
        fresh.append(id.rawValue)
    }

    mutating func emit(_ id: RequestID, _ tokens: [SampledToken]) throws(FaultViolation) {
        let request = world.requests[id.rawValue]
        let answered = entries[id.rawValue].answered
        try expect(isLive(id), .answers, "\(id) answers after its end")
        let rest = request.answer[answered...]
        let isRight = !tokens.isEmpty && rest.starts(with: tokens.map(\.token))
        try expect(
            isRight, .answers,
            "\(id) goes on with \(tokens.map(\.token)) after \(answered) tokens; alone it does with "
                + "\(Array(rest.prefix(max(1, tokens.count))))")
        entries[id.rawValue].answered += tokens.count
    }

    /// - Parameter asked: the reason for which the caller ends it just now.
    mutating func finish(_ id: RequestID, _ reason: FinishReason, asked: FinishReason?) throws(FaultViolation) {
        try expect(isLive(id), .endings, "\(id) ends twice")
        let request = world.requests[id.rawValue]
        let answered = entries[id.rawValue].answered
        let isWhole = answered == request.answer.count
        var isStopped = false
        if let last = request.answer.last {
            isStopped = answered >= request.spec.sampling.minTokens && request.spec.stopTokens.contains(last)
        }
        let expected: FinishReason? =
            !isWhole ? asked : isStopped ? .stopToken(request.answer[answered - 1]) : .length
        try expect(
            reason == expected, .endings,
            "\(id) ends with \(reason) after \(answered) of \(request.answer.count) tokens")
        end(id)
    }

    mutating func refuse(_ id: RequestID, _ error: AdmissionError) throws(FaultViolation) {
        let refusal = world.requests[id.rawValue].refusal ?? (hasOutgrown(id) ? .kvPoolExceeded : nil)
        try expect(isLive(id) && error.code == refusal, .endings, "\(id) is refused with \(error.code.name): \(error)")
        end(id)
    }

    /// Whether a request without a limit has come to more tokens than the pool holds.
    private func hasOutgrown(_ id: RequestID) -> Bool {
        let spec = world.requests[id.rawValue].spec
        let answered = entries[id.rawValue].answered
        return spec.maxNewTokens == nil && answered > 0
            && spec.prompt.count + answered > world.configuration.poolTokens
    }

    private mutating func end(_ id: RequestID) {
        entries[id.rawValue].state = .ended
        fresh.removeAll { $0 == id.rawValue }
    }

    // MARK: micro-batches

    mutating func dispatch(_ batch: MicroBatch) throws(FaultViolation) {
        try expect(batch.id.rawValue == dispatched, .dispatch, "\(batch.id) follows \(dispatched - 1)")
        try expect(!batch.slices.isEmpty, .dispatch, "\(batch.id) is empty")
        try checkWindow(batch)
        dispatched += 1
        flights.append(
            Flight(phase: batch.phase, slices: batch.slices.map { ($0.request.rawValue, $0.blocks) }))
        for slice in batch.slices { try issue(slice) }
    }

    private func checkWindow(_ batch: MicroBatch) throws(FaultViolation) {
        let stages = world.configuration.stages
        var prefills = 0
        for place in 0..<flights.count where flights[place].phase == .prefill { prefills += 1 }
        let others = flights.count - prefills
        if world.policy != "td-pipe" {
            try expect(
                flights.count < stages, .window, "\(batch.id) joins \(flights.count) in flight on \(stages) stages")
        } else if batch.phase == .prefill {
            try expect(prefills < world.configuration.prefillWindow, .window, "\(batch.id) joins \(prefills) prefills")
        } else {
            try expect(batch.phase == .decode, .window, "\(batch.id) of td-pipe is \(batch.phase)")
            try expect(others < stages, .window, "\(batch.id) joins \(others) decodes on \(stages) stages")
        }
    }

    private mutating func issue(_ slice: SequenceSlice) throws(FaultViolation) {
        let id = slice.request
        try expect(isLive(id), .dispatch, "\(id) is computed but not live")
        let entry = entries[id.rawValue]
        let request = world.requests[id.rawValue]
        let known = request.spec.prompt.count + entry.answered
        let restarts = entry.issued > 0 && (entry.mustRestart || slice.start == 0)
        try expect(
            entry.inFlight == 0 || (!restarts && entry.issued < known), .dispatch, "\(id) is in flight already")
        let start = restarts ? 0 : entry.issued
        let end = slice.start + slice.tokens.count
        try expect(
            slice.start == start && end > start && end <= known, .dispatch,
            "\(id) computes \(slice.start) ..< \(end), from \(start) of \(known) tokens on")
        for (offset, token) in slice.tokens.enumerated() {
            let position = start + offset - request.spec.prompt.count
            let right = position < 0 ? request.spec.prompt[start + offset] : request.answer[position]
            try expect(token == right, .dispatch, "\(id) has token \(token) for \(right) at \(start + offset)")
        }
        try expect((slice.sampling != nil) == (end == known), .dispatch, "\(id) draws at the wrong place")
        if let task = slice.sampling {
            try expect(task.generated == entry.answered, .dispatch, "\(id) draws token \(task.generated)")
        }
        try begin(id)
        if restarts { release(id) }
        try take(slice, after: restarts ? [] : entry.table, end: end)
        entries[id.rawValue].issued = end
        entries[id.rawValue].table = slice.blocks
        entries[id.rawValue].inFlight += 1
        entries[id.rawValue].mustRestart = false
    }

    private mutating func begin(_ id: RequestID) throws(FaultViolation) {
        guard !entries[id.rawValue].wasBegun else { return }
        entries[id.rawValue].wasBegun = true
        if world.servesByArrival, let first = fresh.first {
            try expect(first == id.rawValue, .turns, "\(id) begins before request \(first)")
        }
        fresh.removeAll { $0 == id.rawValue }
    }

    private mutating func take(
        _ slice: SequenceSlice, after table: [BlockID], end: Int
    ) throws(FaultViolation) {
        let id = slice.request
        let needed = world.configuration.blocks(forTokens: end)
        try expect(slice.blocks.count == needed, .blocks, "\(id) has \(slice.blocks.count) blocks for \(end) tokens")
        try expect(slice.blocks.starts(with: table), .blocks, "\(id) had \(table) and has \(slice.blocks)")
        for block in slice.blocks.dropFirst(table.count) {
            let index = Int(block)
            try expect(owner.indices.contains(index), .blocks, "there is no block \(block)")
            try expect(touches[index] == 0, .blocks, "block \(block) is used again by \(id) while in flight")
            try expect(owner[index] != id.rawValue, .blocks, "\(id) holds block \(block) twice")
            if owner[index] >= 0 { entries[owner[index]].mustRestart = true }
            owner[index] = id.rawValue
        }
        for block in slice.blocks { touches[Int(block)] += 1 }
    }

    private mutating func release(_ id: RequestID) {
        for block in entries[id.rawValue].table where owner[Int(block)] == id.rawValue { owner[Int(block)] = -1 }
    }

    /// The oldest micro-batch in flight retires.
    mutating func retire() {
        for (request, blocks) in flights.removeFirst().slices {
            for block in blocks { touches[Int(block)] -= 1 }
            entries[request].inFlight -= 1
        }
    }

    /// A stage is lost: everything begins again.
    mutating func void() {
        flights = Deque()
        for index in owner.indices {
            owner[index] = -1
            touches[index] = 0
        }
        for index in entries.indices {
            entries[index].inFlight = 0
            entries[index].issued = 0
            entries[index].table = []
            entries[index].mustRestart = false
        }
    }
}
