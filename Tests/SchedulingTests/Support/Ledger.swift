import Scheduling

/// A rule that the core broke.
struct Violation: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

func require(_ holds: Bool, _ what: @autoclosure () -> String) throws(Violation) {
    if !holds { throw Violation(what()) }
}

/// The checker's own account of requests and blocks, kept from nothing but the actions that the core asked for.
struct Ledger {
    struct Entry {
        let spec: RequestSpec
        /// The most tokens of its answer.
        let limit: Int
        /// Prompt and answer so far.
        var known: [TokenID]
        /// Tokens issued since the start, or since the last restart.
        var issued = 0
        var table: [BlockID] = []
        var inFlight = 0
        /// Another request was given one of its blocks: it must begin again.
        var isPreempted = false
        var restarts = 0
        var wasDispatched = false
        var ending: FinishReason?
        var refusal: AdmissionError?

        var isLive: Bool { ending == nil && refusal == nil }
        var generated: Int { known.count - spec.prompt.count }
        var answer: [TokenID] { Array(known.dropFirst(spec.prompt.count)) }
    }

    /// Whether a request may be computed for the first time before an earlier one.
    enum Overtaking {
        case never
        /// Until the earlier one has waited through as many prefill phases as `patience` says.
        case patiently
        case always
    }
    private static let patience = 4

    let configuration: EngineConfiguration
    private let overtaking: Overtaking
    /// By request id, which counts from 0.
    private(set) var entries: [Entry?] = []
    /// In the order of arrival, those of them that were not dispatched yet.
    private var fresh: [Int] = []
    /// Those that had waited when each of the latest prefill phases began.
    private var waitedAtPhases: [[Int]] = []
    private var owner: [Int?]
    /// Slices in flight that touch a block.
    private var touches: [Int]

    init(configuration: EngineConfiguration, overtaking: Overtaking) {
        self.configuration = configuration
        self.overtaking = overtaking
        owner = Array(repeating: nil, count: configuration.blockCount)
        touches = Array(repeating: 0, count: configuration.blockCount)
    }

    subscript(_ id: RequestID) -> Entry { entries[id.rawValue]! }

    // MARK: requests

    mutating func arrive(_ spec: RequestSpec) {
        let room = configuration.contextLength - spec.prompt.count
        while entries.count <= spec.id.rawValue { entries.append(nil) }
        entries[spec.id.rawValue] = Entry(spec: spec, limit: spec.maxNewTokens ?? room, known: spec.prompt)
        fresh.append(spec.id.rawValue)
    }

    mutating func emit(_ id: RequestID, _ tokens: [SampledToken]) throws(Violation) {
        let entry = self[id]
        try require(entry.isLive, "\(id) answered after its end")
        try require(!tokens.isEmpty, "an empty answer of \(id)")
        entries[id.rawValue]!.known += tokens.map(\.token)
        try require(entry.generated + tokens.count <= entry.limit, "\(id) answers more than \(entry.limit) tokens")
    }

    mutating func finish(_ id: RequestID, _ reason: FinishReason) throws(Violation) {
        let entry = self[id]
        try require(entry.isLive, "\(id) ended twice")
        entries[id.rawValue]!.ending = reason
        fresh.removeAll { $0 == id.rawValue }
        let stops = entry.answer.indices.filter { index in
            index + 1 >= entry.spec.sampling.minTokens && entry.spec.stopTokens.contains(entry.answer[index])
        }
        switch reason {
        case .length:
            let isFull = entry.generated == entry.limit && stops.isEmpty
            try require(isFull, "\(id) has \(entry.generated) tokens at its end")
        case .stopToken(let token):
            let isLast = stops == [entry.generated - 1] && entry.answer.last == token
            try require(isLast, "\(id) ended with \(reason) after \(entry.answer)")
        case .stopped, .cancelled:
            try require(stops.isEmpty && entry.generated < entry.limit, "\(id) ran on after its end")
        }
    }

    mutating func refuse(_ id: RequestID, _ error: AdmissionError) throws(Violation) {
        let spec = self[id].spec
        let grown = self[id].generated > 0 && self[id].known.count > configuration.poolTokens
        let hasOutgrown = spec.maxNewTokens == nil && grown
        try require(self[id].isLive && (hasOutgrown || !self[id].wasDispatched), "\(id) refused after its start")
        entries[id.rawValue]!.refusal = error
        fresh.removeAll { $0 == id.rawValue }
        let asked = hasOutgrown ? self[id].generated : spec.maxNewTokens ?? 1
        let room = configuration.contextLength - spec.prompt.count
        let poolRoom = configuration.poolTokens - spec.prompt.count
        switch error.code {
        case .emptyPrompt: try require(spec.prompt.isEmpty, "\(id): \(error)")
        case .invalidMaxTokens: try require(asked < 1 && error.message.contains("\(asked)"), "\(id): \(error)")
        case .contextLengthExceeded:
            try require(asked > room, "\(id): \(error)")
            try requireNumbers([spec.prompt.count, asked, configuration.contextLength], in: error)
        case .kvPoolExceeded:
            try require(asked - 1 > poolRoom || hasOutgrown, "\(id): \(error)")
            try requireNumbers([spec.prompt.count, asked, configuration.poolTokens], in: error)
        default: throw Violation("\(id) refused with \(error.code)")
        }
    }

    private func requireNumbers(_ numbers: [Int], in error: AdmissionError) throws(Violation) {
        let words = error.message.split { !$0.isNumber }.compactMap { Int($0) }
        for number in numbers { try require(words.contains(number), "'\(error)' does not say \(number)") }
    }

    // MARK: order

    /// A prefill phase begins.
    mutating func beginPrefillPhase() {
        if waitedAtPhases.count > Self.patience { waitedAtPhases.removeFirst() }
        waitedAtPhases.append(fresh)
    }

    /// A request is computed for the first time: the earliest that waits, or else none that has been passed over in
    /// too many prefill phases.
    private mutating func begin(_ id: RequestID) throws(Violation) {
        guard let place = fresh.firstIndex(of: id.rawValue) else { throw Violation("\(id) does not wait") }
        if let first = fresh.first, place > 0 {
            try require(overtaking != .never, "\(id) overtook request \(first)")
            let isDue = waitedAtPhases.count > Self.patience && waitedAtPhases[0].contains(first)
            try require(overtaking == .always || !isDue, "\(id) overtook request \(first) once too often")
        }
        fresh.remove(at: place)
    }

    // MARK: slices

    mutating func issue(_ slice: SequenceSlice) throws(Violation) {
        let id = slice.request
        let entry = self[id]
        try require(entry.isLive, "\(id) computed after its end")
        // The pieces of a prompt may follow each other through the stages.
        let goesOn = slice.start > 0 && entry.issued < entry.known.count
        try require(entry.inFlight == 0 || goesOn, "\(id) is in flight already")
        if !entry.wasDispatched {
            try begin(id)
        }
        let restarts = entry.isPreempted || (slice.start == 0 && entry.issued > 0)
        let start = restarts ? 0 : entry.issued
        try require(slice.start == start, "\(id) starts at \(slice.start), not \(start)")
        let end = slice.start + slice.tokens.count
        try require(!slice.tokens.isEmpty && end <= entry.known.count, "\(id): bad end \(end) of \(entry.known.count)")
        try require(slice.tokens.elementsEqual(entry.known[slice.start..<end]), "\(id): other tokens than known")
        try check(slice.sampling, atEnd: end == entry.known.count, of: entry)
        if restarts { release(id) }
        try take(slice, after: restarts ? [] : entry.table, end: end)
        entries[id.rawValue]!.issued = end
        entries[id.rawValue]!.table = slice.blocks
        entries[id.rawValue]!.inFlight += 1
        entries[id.rawValue]!.isPreempted = false
        entries[id.rawValue]!.restarts += restarts ? 1 : 0
        entries[id.rawValue]!.wasDispatched = true
    }

    private func check(_ task: SamplingTask?, atEnd: Bool, of entry: Entry) throws(Violation) {
        let id = entry.spec.id
        try require((task != nil) == atEnd, "\(id) draws at the wrong place")
        guard let task else { return }
        try require(task.generated == entry.generated, "\(id) draws token \(task.generated), not \(entry.generated)")
        try require(task.parameters == entry.spec.sampling, "\(id) draws with other parameters")
        let history = entry.spec.sampling.needsHistory ? entry.known : []
        try require(task.history == history, "\(id) draws with another history")
    }

    private mutating func take(_ slice: SequenceSlice, after table: [BlockID], end: Int) throws(Violation) {
        let id = slice.request
        let needed = (end + configuration.tokensPerBlock - 1) / configuration.tokensPerBlock
        try require(slice.blocks.count == needed, "\(id) has \(slice.blocks.count) blocks for \(end) tokens")
        try require(slice.blocks.starts(with: table), "\(id) lost its blocks")
        for block in slice.blocks.dropFirst(table.count) {
            let index = Int(block)
            try require(owner.indices.contains(index), "there is no block \(block)")
            try require(touches[index] == 0, "block \(block) is reused while in flight")
            if let other = owner[index] {
                try require(other != id.rawValue, "\(id) holds block \(block) twice")
                if entries[other]!.isLive { entries[other]!.isPreempted = true }
            }
            owner[index] = id.rawValue
        }
        for block in slice.blocks { touches[Int(block)] += 1 }
    }

    private mutating func release(_ id: RequestID) {
        for block in self[id].table where owner[Int(block)] == id.rawValue { owner[Int(block)] = nil }
    }

    /// A stage was lost: nothing is in flight, and everything has to be computed again.
    mutating func void() {
        owner = owner.map { _ in nil }
        touches = touches.map { _ in 0 }
        for index in entries.indices where entries[index] != nil {
            entries[index]!.issued = 0
            entries[index]!.table = []
            entries[index]!.inFlight = 0
            entries[index]!.isPreempted = false
        }
    }

    mutating func retire(_ slice: SequenceSlice) {
        for block in slice.blocks { touches[Int(block)] -= 1 }
        entries[slice.request.rawValue]!.inFlight -= 1
    }
}
