import DequeModule
import Scheduling

/// An account of requests and blocks that is independent of the core's: kept only from the core's events and actions,
/// and checked against the invariants.
///
/// A block may be in the tables of several requests as long as it holds tokens that the requests have in common. A
/// request that is given a block to write to takes it from all other requests, which then have to begin again.
package struct Witness: Sendable {
    package struct Entry: Sendable {
        package let spec: RequestSpec
        /// The model's answer to the request alone, up to a stop token or the most tokens that the answer may have.
        package let wholeAnswer: [TokenID]
        /// Why the request can never run; nil if it can.
        package let expectedRefusal: AdmissionError.Code?
        /// The virtual engine that computes the request; 0 where there is one engine for all.
        let engine: Int
        /// Tokens of the answer so far.
        package internal(set) var answered = 0
        /// Tokens issued since the start, or since the last restart.
        package internal(set) var issued = 0
        var table: [BlockID] = []
        var inFlight = 0
        /// Whether another request was given one of this request's blocks, so that this request has to begin again.
        package internal(set) var mustRestart = false
        package internal(set) var restarts = 0
        package internal(set) var wasDispatched = false
        package internal(set) var ending: FinishReason?
        package internal(set) var refusal: AdmissionError?

        package var isLive: Bool { ending == nil && refusal == nil }
        /// Prompt and answer so far.
        package var knownTokens: Int { spec.prompt.count + answered }
        package var answer: [TokenID] { Array(wholeAnswer.prefix(answered)) }

        func token(at position: Int) -> TokenID {
            position < spec.prompt.count ? spec.prompt[position] : wholeAnswer[position - spec.prompt.count]
        }
    }

    /// The account of one block.
    private struct Block: Sendable {
        /// Requests with the block in their tables.
        var holders: [Int] = []
        /// Slices in flight that may touch the block.
        var touches = 0
        /// The request whose tokens are in the block.
        var filler = -1
        /// The index of the block in the table of `filler`.
        var place = 0
    }

    /// Whether a request may be computed for the first time before an earlier one.
    package enum Overtaking: Sendable {
        case never
        /// Until the earlier request has waited through `patience` prefill phases.
        case patiently
        case always
    }
    private static let patience = 4

    let configuration: EngineConfiguration
    private let overtaking: Overtaking
    /// Engines to which requests are bound in turn.
    private let engines: Int
    /// Requests that have arrived and can run.
    private var runnable = 0
    /// By request id, which counts from 0; nil for a request that has not arrived.
    package private(set) var entries: [Entry?] = []
    private var blocks: [Block]
    private(set) var flights = Deque<MicroBatch>()
    /// Requests that were not dispatched yet, by arrival.
    private var fresh: [Int] = []
    /// The requests that had waited when each of the latest prefill phases began.
    private var waitedAtPhases: [[Int]] = []
    private var lastPhase: Phase?
    package private(set) var dispatched = 0

    /// - Parameter engines: virtual engines to which the policy binds requests in turn; 1 for other policies.
    package init(_ configuration: EngineConfiguration, overtaking: Overtaking, engines: Int = 1) {
        self.configuration = configuration
        self.overtaking = overtaking
        self.engines = engines
        blocks = Array(repeating: Block(), count: configuration.blockCount)
    }

    package var inFlight: Int { flights.count }
    package var live: Int { entries.count { $0?.isLive == true } }

    /// The entry of a request that has arrived.
    package subscript(_ id: RequestID) -> Entry { entries[id.rawValue]! }

    package func isLive(_ id: RequestID) -> Bool {
        entries.indices.contains(id.rawValue) && entries[id.rawValue]?.isLive == true
    }

    /// Whether `count` requests or more have not begun, and each of them could run to its end beside all that have begun,
    /// within a number of blocks and the limit of sequences.
    func waitingFit(upTo blocks: Int, atLeast count: Int) -> Bool {
        guard fresh.count >= count else { return false }
        var sequences = 0
        var needed = 0
        for case .some(let entry) in entries {
            if entry.isLive, entry.wasDispatched {
                sequences += 1
                needed += blocksAtEnd(entry)
            } else if entry.inFlight > 0 {
                needed += entry.table.count
            }
        }
        let most = fresh.lazy.map { blocksAtEnd(entries[$0]!) }.max() ?? 0
        return sequences < configuration.maxSequences && needed + most <= blocks
    }

    private func blocksAtEnd(_ entry: Entry) -> Int {
        configuration.blocks(forTokens: entry.spec.prompt.count + entry.wholeAnswer.count)
    }

    /// Whether a request has to end: its answer is whole, or no longer fits the pool.
    func isComplete(_ id: RequestID) -> Bool {
        self[id].answered == self[id].wholeAnswer.count || hasOutgrown(self[id])
    }
}

// MARK: - Requests

extension Witness {
    /// - Parameter answer: the model's answer to the request alone; ignored if the request has to be refused.
    package mutating func arrive(_ spec: RequestSpec, answer: [TokenID]) {
        let id = spec.id.rawValue
        while entries.count <= id { entries.append(nil) }
        let refusal = configuration.refusal(of: spec)
        entries[id] = Entry(
            spec: spec, wholeAnswer: answer, expectedRefusal: refusal, engine: runnable % engines)
        if refusal == nil { runnable += 1 }
        fresh.append(id)
    }

    package mutating func emit(_ id: RequestID, _ tokens: [SampledToken]) throws(FaultViolation) {
        try expect(isLive(id), .answers, "\(id) answers after its end")
        let entry = self[id]
        let rest = entry.wholeAnswer[entry.answered...]
        let isRight = !tokens.isEmpty && rest.starts(with: tokens.map(\.token))
        try expect(
            isRight, .answers,
            "\(id) goes on with \(tokens.map(\.token)) after \(entry.answered) tokens; alone it does with "
                + "\(Array(rest.prefix(max(1, tokens.count))))")
        entries[id.rawValue]!.answered += tokens.count
    }

    /// - Parameter asked: the reason for which the caller ends the request just now; nil if it does not.
    mutating func finish(_ id: RequestID, _ reason: FinishReason, asked: FinishReason?) throws(FaultViolation) {
        try expect(isLive(id), .endings, "\(id) ends twice")
        let entry = self[id]
        let isWhole = entry.answered == entry.wholeAnswer.count
        var expected = asked
        if isWhole, let last = entry.wholeAnswer.last {
            let isStopped =
                entry.answered >= entry.spec.sampling.minTokens && entry.spec.stopTokens.contains(last)
            expected = isStopped ? .stopToken(last) : .length
        }
        try expect(
            reason == expected, .endings,
            "\(id) ends with \(reason) after \(entry.answered) of \(entry.wholeAnswer.count) tokens")
        entries[id.rawValue]!.ending = reason
        fresh.removeAll { $0 == id.rawValue }
    }

    /// Checks that a refusal has the right reason, and names the limit and the given values.
    mutating func refuse(_ id: RequestID, _ error: AdmissionError) throws(FaultViolation) {
        try expect(isLive(id), .endings, "\(id) is refused after its end")
        let entry = self[id]
        let isLate = entry.expectedRefusal == nil && hasOutgrown(entry)
        let refusal = isLate ? .kvPoolExceeded : entry.expectedRefusal
        try expect(error.code == refusal, .endings, "\(id) is refused with \(error.code.name): \(error)")
        try expect(isLate || !entry.wasDispatched, .endings, "\(id) is refused after its start")
        let prompt = entry.spec.prompt.count
        let asked = isLate ? entry.answered : entry.spec.maxNewTokens ?? 1
        let numbers: [Int] =
            switch error.code {
            case .emptyPrompt: []
            case .invalidMaxTokens: [asked]
            case .contextLengthExceeded: [prompt, asked, configuration.contextLength]
            default: [prompt, asked, configuration.poolTokens]
            }
        let words = error.message.split { !$0.isNumber && $0 != "-" }
        for number in numbers {
            try expect(words.contains { $0 == "\(number)" }, .endings, "'\(error)' does not say \(number)")
        }
        entries[id.rawValue]!.refusal = error
        fresh.removeAll { $0 == id.rawValue }
    }

    /// Whether a request without a limit has come to more tokens than the pool holds.
    private func hasOutgrown(_ entry: Entry) -> Bool {
        entry.spec.maxNewTokens == nil && entry.answered > 0 && entry.knownTokens > configuration.poolTokens
    }
}

// MARK: - Micro-batches

extension Witness {
    package mutating func dispatch(_ batch: MicroBatch) throws(FaultViolation) {
        dispatched += 1
        if batch.phase == .prefill, lastPhase != .prefill { beginPrefillPhase() }
        lastPhase = batch.phase
        flights.append(batch)
        for slice in batch.slices { try issue(slice) }
    }

    private mutating func beginPrefillPhase() {
        if waitedAtPhases.count > Self.patience { waitedAtPhases.removeFirst() }
        waitedAtPhases.append(fresh)
    }

    private mutating func issue(_ slice: SequenceSlice) throws(FaultViolation) {
        let id = slice.request
        try expect(isLive(id), .dispatch, "\(id) is computed but not live")
        let entry = self[id]
        let known = entry.knownTokens
        let restarts = entry.issued > 0 && (entry.mustRestart || slice.start < entry.issued)
        try expect(
            entry.inFlight == 0 || (!restarts && entry.issued < known), .dispatch, "\(id) is in flight already")
        let isNew = restarts || entry.issued == 0
        // A request that is new to the KV cache may share blocks for its first tokens.
        let start = isNew ? slice.start / configuration.tokensPerBlock * configuration.tokensPerBlock : entry.issued
        let end = slice.start + slice.tokens.count
        try expect(
            slice.start == start && end > start && end <= known, .dispatch,
            "\(id) computes \(slice.start) ..< \(end), from \(start) of \(known) tokens on")
        for (offset, token) in slice.tokens.enumerated() {
            let right = entry.token(at: start + offset)
            try expect(token == right, .dispatch, "\(id) has token \(token) for \(right) at \(start + offset)")
        }
        try check(slice.draws, of: slice, isLast: end == known)
        try begin(id)
        if restarts { release(id) }
        try take(slice, after: isNew ? [] : entry.table, end: end)
        entries[id.rawValue]!.issued = end
        entries[id.rawValue]!.table = slice.blocks
        entries[id.rawValue]!.inFlight += 1
        entries[id.rawValue]!.mustRestart = false
        entries[id.rawValue]!.restarts += restarts ? 1 : 0
        entries[id.rawValue]!.wasDispatched = true
    }

    /// Checks that one token is drawn, at the last known token, and that no other slice draws.
    private func check(_ draws: DrawPoints, of slice: SequenceSlice, isLast: Bool) throws(FaultViolation) {
        let id = slice.request
        try expect(
            draws.map(\.row) == (isLast ? [slice.tokens.count - 1] : []), .dispatch, "\(id) draws at the wrong place")
        let entry = self[id]
        let history = entry.spec.sampling.needsHistory ? entry.spec.prompt + entry.answer : []
        for point in draws {
            try expect(point.task.generated == entry.answered, .dispatch, "\(id) draws token \(point.task.generated)")
            try expect(point.task.parameters == entry.spec.sampling, .dispatch, "\(id) draws with other parameters")
            try expect(point.task.history == history, .dispatch, "\(id) draws with another history")
        }
    }

    /// A request is computed for the first time. It must be the earliest that waits for its engine; or, where the policy
    /// allows overtaking, the earliest may not have been passed over in too many prefill phases.
    private mutating func begin(_ id: RequestID) throws(FaultViolation) {
        guard !self[id].wasDispatched else { return }
        guard let place = fresh.firstIndex(of: id.rawValue) else {
            throw FaultViolation(.turns, "\(id) does not wait")
        }
        let engine = self[id].engine
        if let first = fresh[..<place].first(where: { entries[$0]!.engine == engine }) {
            try expect(overtaking != .never, .turns, "\(id) begins before request \(first)")
            let isDue = waitedAtPhases.count > Self.patience && waitedAtPhases[0].contains(first)
            try expect(overtaking == .always || !isDue, .turns, "\(id) begins before request \(first) once too often")
        }
        fresh.remove(at: place)
    }

    private mutating func take(_ slice: SequenceSlice, after table: [BlockID], end: Int) throws(FaultViolation) {
        let id = slice.request
        let perBlock = configuration.tokensPerBlock
        let needed = configuration.blocks(forTokens: end)
        try expect(slice.blocks.count == needed, .blocks, "\(id) has \(slice.blocks.count) blocks for \(end) tokens")
        try expect(slice.blocks.starts(with: table), .blocks, "\(id) had \(table) and has \(slice.blocks)")
        for (place, block) in slice.blocks.enumerated().dropFirst(table.count) {
            let index = Int(block)
            try expect(blocks.indices.contains(index), .blocks, "there is no block \(block)")
            try expect(!blocks[index].holders.contains(id.rawValue), .blocks, "\(id) holds block \(block) twice")
            if (place + 1) * perBlock <= slice.start {
                let isShared = holdsTokens(of: id, at: place, index)
                try expect(isShared, .blocks, "\(id) shares block \(block), which holds other tokens")
                blocks[index].holders.append(id.rawValue)
            } else {
                let isTouched = blocks[index].touches > 0
                try expect(!isTouched, .blocks, "block \(block) is used again by \(id) while in flight")
                for other in blocks[index].holders { entries[other]!.mustRestart = true }
                blocks[index] = Block(holders: [id.rawValue], filler: id.rawValue, place: place)
            }
        }
        for block in slice.blocks[(slice.start / perBlock)...] {
            let isOwn = blocks[Int(block)].holders == [id.rawValue]
            try expect(isOwn, .blocks, "\(id) writes to block \(block), which others hold")
        }
        for block in slice.blocks { blocks[Int(block)].touches += 1 }
    }

    /// Whether a block holds the tokens that a request has at `place` in its table, after equal tokens.
    private func holdsTokens(of id: RequestID, at place: Int, _ index: Int) -> Bool {
        guard blocks[index].place == place, !blocks[index].holders.isEmpty else { return false }
        let filler = entries[blocks[index].filler]!
        let end = (place + 1) * configuration.tokensPerBlock
        guard end <= min(filler.knownTokens, self[id].knownTokens) else { return false }
        return (0..<end).allSatisfy { filler.token(at: $0) == self[id].token(at: $0) }
    }

    private mutating func release(_ id: RequestID) {
        for block in self[id].table { blocks[Int(block)].holders.removeAll { $0 == id.rawValue } }
    }

    /// The oldest micro-batch in flight retires.
    /// - Parameter computedThrough: as in the event that the core is told.
    package mutating func retire(computedThrough: [Int]) -> MicroBatch {
        let batch = flights.removeFirst()
        for (index, slice) in batch.slices.enumerated() {
            for block in slice.blocks { blocks[Int(block)].touches -= 1 }
            entries[slice.request.rawValue]!.inFlight -= 1
            if !computedThrough.isEmpty, !slice.draws.isEmpty {
                entries[slice.request.rawValue]!.issued = computedThrough[index]
            }
        }
        return batch
    }

    /// A stage is lost: everything begins again.
    mutating func void() {
        flights = Deque()
        blocks = Array(repeating: Block(), count: blocks.count)
        for index in entries.indices where entries[index] != nil {
            entries[index]!.inFlight = 0
            entries[index]!.issued = 0
            entries[index]!.table = []
            entries[index]!.mustRestart = false
        }
    }
}

extension EngineConfiguration {
    /// Why the core has to refuse a request before it runs; nil if the request can run.
    func refusal(of spec: RequestSpec) -> AdmissionError.Code? {
        let asked = spec.maxNewTokens ?? 1
        if spec.prompt.isEmpty { return .emptyPrompt }
        if asked < 1 { return .invalidMaxTokens }
        if asked > contextLength - spec.prompt.count { return .contextLengthExceeded }
        return asked - 1 > poolTokens - spec.prompt.count ? .kvPoolExceeded : nil
    }
}
