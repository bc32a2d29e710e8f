import Scheduling

/// Checks the order of td-pipe's micro-batches against the policy's promises, as they come.
struct PhaseChecker: Sendable {
    private let stages: Int
    private let steals: Bool
    /// The number of sequences in each micro-batch of the present decode phase; nil for a micro-batch before which
    /// something disturbed the balance.
    private var sizes: [Int?] = []
    private var isDecode = false
    /// Decode steps of each request in this phase.
    private var steps: [Int: Int] = [:]
    /// Whether a request ended, came or was preempted since the last decode micro-batch.
    private var isDisturbed = true
    /// Whether blocks were short since the last decode micro-batch.
    private var ranShort = false
    /// Whether blocks were short in this decode phase.
    private var isShort = false
    private(set) var decodePhases = 0

    init(stages: Int, steals: Bool) {
        self.stages = stages
        self.steals = steals
    }

    mutating func disturb() { isDisturbed = true }

    mutating func runShort() { ranShort = true }

    /// A stage was lost: everything in flight is void, and the phases begin anew.
    mutating func interrupt() {
        isDecode = false
        isDisturbed = true
    }

    /// - Parameters:
    ///   - decoding: the requests that decode, in flight or not, before this micro-batch.
    ///   - isIdle: whether nothing else is in flight.
    mutating func check(_ batch: MicroBatch, decoding: [Int], isIdle: Bool) throws(FaultViolation) {
        guard batch.phase == .decode else {
            try expect(batch.phase == .prefill, .phases, "\(batch.id) mixes prompts and decode steps")
            let isRoundEnd = sizes.count % stages == 0 || decoding.isEmpty || isIdle || ranShort
            try expect(!isDecode || isRoundEnd, .phases, "\(batch.id) breaks a round after \(sizes.count) decode steps")
            isDecode = false
            return
        }
        if !isDecode {
            isDecode = true
            decodePhases += 1
            sizes = []
            steps = [:]
            isShort = false
        }
        isShort = isShort || ranShort
        ranShort = false
        sizes.append(isDisturbed || isShort ? nil : batch.slices.count)
        isDisturbed = false
        try checkBalance(batch)
        try checkLag(batch, decoding: decoding)
    }

    /// After a round without disturbance, the sizes of the next round differ by one sequence at most.
    private func checkBalance(_ batch: MicroBatch) throws(FaultViolation) {
        guard steals, sizes.count >= 2 * stages else { return }
        let rounds = sizes.suffix(2 * stages).compactMap { $0 }
        guard rounds.count == 2 * stages else { return }
        let round = rounds.suffix(stages)
        try expect(round.max()! - round.min()! <= 1, .phases, "\(batch.id) ends an unequal round \(rounds)")
    }

    /// No request is more than two steps behind the foremost.
    private mutating func checkLag(_ batch: MicroBatch, decoding: [Int]) throws(FaultViolation) {
        var most = 0
        for slice in batch.slices {
            steps[slice.request.rawValue, default: 0] += 1
            most = max(most, steps[slice.request.rawValue]!)
        }
        guard !isShort else { return }
        for request in decoding {
            let lag = most - steps[request, default: 0]
            try expect(lag <= 2, .phases, "request \(request) is \(lag) steps behind at \(batch.id)")
        }
    }
}
