/// Prompts that ride along with the decode steps of a round of micro-batches ("piggybacking", as hybrid batching does in
/// each micro-batch; Sarathi, arXiv 2308.16369).
///
/// Pure phases read the weights for prompts and for decode steps apart. Where a decode micro-batch is too small to use
/// the time in which its weights are read, prompt tokens beside it cost less than in a unit of their own. The step costs
/// decide at the beginning of each round whether prompts ride along, and how many tokens: all micro-batches of a round
/// are filled to the same size, so that the stages do not wait for each other. Where nothing is gained, the phases stay
/// apart.
package struct Piggyback: Sendable {
    /// The least gain over phases at their best for which prompts ride along: they make the micro-batches less alike.
    private static let gain = 1.1

    /// Tokens up to which each micro-batch of the round is filled; nil if nothing rides along.
    private(set) var size: Int?
    /// The number of the first micro-batch of the round, of its phase; nil before the first round.
    private(set) var step: Int?
    private var admission: PrefillAdmission?
    /// Whether the pool was full, as far as the forecast goes, at any time of the phase.
    private(set) var isFull: Bool

    init(isFull: Bool) { self.isFull = isFull }

    /// What the decision is made from.
    package struct Outlook {
        /// Sequences of a micro-batch.
        package let sequences: Int
        /// Tokens that each of them attends to.
        package let context: Int
        /// The best decode rate, in tokens a second of the slowest stage.
        package let peakRate: Double
        /// Tokens of a prefill unit.
        package let unit: Int
        /// The mean of the prompts that wait.
        package let promptTokens: Int
        /// The mean of the decode steps that their answers are expected to take.
        package let answerSteps: Double
        /// The most tokens of prompts in a micro-batch.
        package let limit: Int
        /// Whether the pool is full as far as the forecast goes.
        package let isFull: Bool

        package init(
            sequences: Int, context: Int, peakRate: Double, unit: Int, promptTokens: Int, answerSteps: Double,
            limit: Int, isFull: Bool
        ) {
            self.sequences = sequences
            self.context = context
            self.peakRate = peakRate
            self.unit = unit
            self.promptTokens = promptTokens
            self.answerSteps = answerSteps
            self.limit = limit
            self.isFull = isFull
        }

        /// How much more than a steady flow may ride along, so that a pool with room fills up.
        private static let surplus = 2.0

        /// Prompt tokens beside the decode steps of a micro-batch in a steady flow, in which a request is admitted for
        /// each that ends. More could be admitted now and then only, and the micro-batches would be unequal.
        package var flow: Int {
            guard isFull else { return limit }
            let tokens = Double(sequences) * Double(promptTokens) / max(1, answerSteps)
            return Int(min(Double(limit), tokens * Self.surplus).rounded())
        }
    }

    /// The size up to which micro-batches are filled; nil if phases apart are as good.
    ///
    /// The worth of a micro-batch is the time that its decode steps and its prompt tokens would take at their best rates
    /// apart. Per second of the micro-batch, this is the spatial intensity of the paper, with prompts in it: at most 1 for
    /// pure phases, and above 1 where both together are cheaper than the best of both apart.
    package static func size(_ outlook: Outlook, _ costs: any StepCost) -> Int? {
        guard outlook.sequences > 0, outlook.peakRate > 0 else { return nil }
        let decodeWorth = Double(outlook.sequences) / outlook.peakRate
        let decode = StepLoad.decode(sequences: outlook.sequences, context: outlook.sequences * outlook.context)
        let prompt = { (tokens: Int) in
            StepLoad(
                tokens: tokens, context: tokens * (outlook.promptTokens + 1) / 2,
                sequences: tokens / outlook.promptTokens)
        }
        let tokenWorth = costs.slowest(prompt(outlook.unit)) / Double(outlook.unit)
        var best = gain
        var size: Int?
        for candidate in StepRates.sizes(upTo: outlook.sequences + outlook.flow) where candidate > outlook.sequences {
            let tokens = candidate - outlook.sequences
            let worth = decodeWorth + Double(tokens) * tokenWorth
            let intensity = worth / costs.slowest(decode + prompt(tokens))
            if intensity > best { (best, size) = (intensity, candidate) }
        }
        return size
    }

    /// - Parameter size: tokens up to which each micro-batch of the round is filled; nil if nothing rides along.
    mutating func beginRound(_ step: Int, size: Int?) {
        self.step = step
        self.size = size
        admission = nil
    }

    /// Fills a micro-batch with prompts beside its decode steps.
    /// - Parameter builder: with the decode steps.
    mutating func fill(
        _ builder: inout MicroBatchBuilder, _ rules: AdmissionRules, _ pipeline: inout PipelineState,
        _ lengths: any LengthPredictor, _ view: SchedulerView
    ) {
        guard let size, builder.tokens < size else { return }
        let cut = pipeline.cutPrompt(view)
        if admission == nil {
            admission = PrefillAdmission(rules, upTo: rules.forecastLimit(view), cut: cut, lengths, view)
        }
        let limit = min(size, builder.tokens + view.configuration.prefillChunk)
        let reason = admission?.fill(&builder, upTo: limit, cut: cut, lengths, view) { pipeline.follow($0, given: $1) }
        if reason != nil { isFull = true }
    }
}
