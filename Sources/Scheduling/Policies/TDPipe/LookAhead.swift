/// What the policy last saw when it looked whether to leave the decode phase.
struct LookAhead: Sendable {
    /// The decode micro-batch before which it looked.
    var step = -1
    /// Sequences that decoded, and requests that waited.
    var sequences = 0
    var waiting = 0
    /// Mean tokens that a sequence attends to, and the best decode rate at that context; 0 before it is known.
    private(set) var context = 1
    private(set) var peakRate = 0.0

    init() {}

    init(sequences: Int, waiting: Int) {
        self.sequences = sequences
        self.waiting = waiting
    }

    /// Whether so much has changed that another look may tell something new. A look goes over all live requests, so that
    /// in a large run not every answer that ends is worth one.
    func isStale(sequences now: Int, waiting: Int) -> Bool {
        now <= sequences - max(1, sequences / 64) || waiting != self.waiting
    }

    /// Measures the mean context and the best decode rate there. Micro-batches are counted as large as the limit on
    /// sequences and the pool allow.
    mutating func measure(_ costs: some StepCost, _ view: SchedulerView) {
        let tokens = view.active.reduce(0) { $0 + $1.knownTokens }
        context = max(1, tokens / max(1, view.active.count))
        let configuration = view.configuration
        let most = min(configuration.maxSequences, max(view.active.count, configuration.poolTokens / context))
        peakRate = StepRates.peakDecodeRate(costs, limit: max(1, most / configuration.stages), context: context)
    }
}
