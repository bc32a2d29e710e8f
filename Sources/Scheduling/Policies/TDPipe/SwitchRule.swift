/// When a decode phase gives way to a prefill phase. Asked at most once between two rounds of decode micro-batches.
protocol SwitchRule: Sendable {
    /// Whether the rule may say yes, whatever could be prefilled now: to work that out goes over all live requests.
    /// - Parameters:
    ///   - sequences: those that decode, of `start` when the phase began.
    func isWorthALook(sequences: Int, of start: Int) -> Bool
    /// Why to switch; nil to stay.
    func verdict(_ outlook: SwitchOutlook) -> SwitchVerdict?
}

extension SwitchRule {
    func isWorthALook(sequences: Int, of start: Int) -> Bool { true }
}

extension TDPipeOptions.Switching {
    var rule: any SwitchRule {
        switch self {
        case .intensity: IntensityRule()
        case .released: ReleasedRule()
        case .marginal: MarginalRule()
        case .fixed(let share): FixedShareRule(share: share)
        }
    }
}

struct SwitchVerdict: Sendable {
    let reason: PhaseDecision.Reason
    /// The figures that were compared; nil where none were.
    var spatial: Double?
    var temporal: Double?

    init(_ reason: PhaseDecision.Reason) { self.reason = reason }

    /// To switch if the spatial intensity is below the temporal one; nil otherwise.
    init?(spatial: Double, temporal: Double) {
        guard spatial < temporal else { return nil }
        reason = .intensity
        self.spatial = spatial
        self.temporal = temporal
    }
}

/// What could be prefilled now.
struct PossiblePrefill: Sendable {
    private(set) var requests = 0
    /// Tokens of the prompts, and what they attend to.
    private(set) var load = StepLoad(tokens: 0, context: 0, sequences: 0)
    /// Tokens of each request that waits; without the rest of a cut prompt.
    private(set) var prompts: [Int] = []

    mutating func add(_ sequence: SequenceView, tokens: Int) {
        requests += 1
        load = load + .prefill(tokens: tokens, from: sequence.issuedTokens)
        if sequence.issuedTokens == 0 { prompts.append(tokens) }
    }
}

/// What a switch rule compares: the decode phase as it goes on, and the prefill phase that is possible now.
struct SwitchOutlook {
    let stages: Int
    let decode: DecodePhase
    /// Sequences that decode, in flight or not; at least 1.
    let sequences: Int
    /// The round before.
    let round: DecodeRound?
    /// At least one request.
    let prefill: PossiblePrefill
    let costs: any StepCost

    /// Sequences of a decode micro-batch after the prefill phase.
    var sizeAfter: Int { max(1, (sequences + prefill.requests) / stages) }

    /// The spatial intensity of the next round.
    var spatial: Double {
        let next = DecodeRound(
            total: sequences, stages: stages, context: decode.context, costs: costs, previous: round)
        return Intensity.spatial(
            sequences: next.sequences, stages: stages, largestStep: next.largestStep, peakRate: decode.peakRate)
    }

    /// Prefill units of the possible phase, at least 1. The last unit is not full; it counts with its share.
    var units: Double { max(1, Double(prefill.load.tokens) / Double(max(1, decode.unitTokens ?? 1))) }

    /// Seconds of the slowest stage for one of `units` equal units.
    func unitSeconds(units: Double) -> Double {
        costs.slowest(
            StepLoad(
                tokens: Int(Double(prefill.load.tokens) / units), context: Int(Double(prefill.load.context) / units),
                sequences: Int(Double(prefill.load.sequences) / units)))
    }

    /// Seconds of the slowest stage for a decode micro-batch after the prefill phase.
    var stepAfter: Double {
        let tokens = decode.context * sequences + prefill.load.tokens
        let context = tokens / (sequences + prefill.requests)
        return costs.slowest(.decode(sequences: sizeAfter, context: sizeAfter * context))
    }
}

/// `switch=intensity`: when the spatial intensity falls below the temporal one, with the times of one stage on both sides.
struct IntensityRule: SwitchRule {
    func verdict(_ outlook: SwitchOutlook) -> SwitchVerdict? {
        let units = outlook.units
        let unit = outlook.unitSeconds(units: units)
        return SwitchVerdict(
            spatial: outlook.spatial,
            temporal: Intensity.temporal(
                unitSum: units * unit, longest: unit, decodeStep: outlook.stepAfter, stages: outlook.stages))
    }
}

/// `switch=released`: the same comparison as the authors' released code makes it.
struct ReleasedRule: SwitchRule {
    func verdict(_ outlook: SwitchOutlook) -> SwitchVerdict? {
        let context = outlook.decode.context
        let costs = outlook.costs
        let time = { (count: Int) in costs.total(.decode(sequences: count, context: count * context)) }
        return SwitchVerdict(
            spatial: ReleasedIntensity.spatial(sequences: outlook.sequences, stages: outlook.stages, time: time),
            temporal: ReleasedIntensity.temporal(
                prompts: outlook.prefill.prompts.map { costs.total(.prefill(tokens: $0)) },
                decodeStep: time(outlook.sizeAfter), stages: outlook.stages))
    }
}

/// `switch=marginal`: when the present rate falls below that of a whole cycle of decode and prefill.
struct MarginalRule: SwitchRule {
    func verdict(_ outlook: SwitchOutlook) -> SwitchVerdict? {
        let units = outlook.units
        let unit = outlook.unitSeconds(units: units)
        let bubble = abs(unit - outlook.stepAfter) * Double(outlook.stages - 1)
        return SwitchVerdict(
            spatial: outlook.spatial, temporal: outlook.decode.cycle.rate(prefill: units * unit, bubble: bubble))
    }
}

/// `switch=fixed:X`: when this share of the sequences that decoded at the start of the phase has ended, and anything can
/// be prefilled.
struct FixedShareRule: SwitchRule {
    let share: Double

    func isWorthALook(sequences: Int, of start: Int) -> Bool {
        Double(start - sequences) >= share * Double(start)
    }

    func verdict(_ outlook: SwitchOutlook) -> SwitchVerdict? { SwitchVerdict(.threshold) }
}

/// The spatial-temporal comparison of TD-Pipe (arXiv 2506.10470, section 3.4) as functions of numbers.
///
/// *Spatial*: the share of the best decode rate that is reached by going on with the decode phase, whose micro-batches
/// shrink. *Temporal*: the share of useful time in the prefill phase that is possible now, which pays the bubbles of the
/// switch. A decode phase should end when the first falls below the second.
package enum Intensity {
    /// Of `sequences` that decode in rounds of `stages` micro-batches: tokens a second over `peakRate`.
    ///
    /// A round lasts `stages` times `largestStep`, the seconds that the slowest stage takes for the largest micro-batch:
    /// the others wait for it. So the rounding of small counts shows, even where each row costs the same.
    package static func spatial(sequences: Int, stages: Int, largestStep: Double, peakRate: Double) -> Double {
        Double(sequences) / (Double(stages) * largestStep) / peakRate
    }

    /// Of a prefill phase of micro-batches that the slowest stage computes in `units` seconds each, before a decode step
    /// that it computes in `decodeStep` seconds. 0 for no units at all: there is nothing to switch for.
    package static func temporal(units: some Collection<Double>, decodeStep: Double, stages: Int) -> Double {
        guard let longest = units.max() else { return 0 }
        return temporal(
            unitSum: units.reduce(0, +), longest: longest, decodeStep: decodeStep, stages: stages)
    }

    /// The same of units that take `unitSum` seconds together, above 0, and `longest` the longest of them.
    static func temporal(unitSum: Double, longest: Double, decodeStep: Double, stages: Int) -> Double {
        let time = unitSum + longest * Double(stages - 1)
        let bubble = max(0, longest - decodeStep) * Double(stages - 1)
        return (time - bubble) / time
    }
}

/// The same comparison as the authors' released code makes it: with the times of the whole model, `T(n)` of one table
/// for prompts of n tokens and for n decode steps. Kept to measure what the corrections are worth.
package enum ReleasedIntensity {
    /// The number of sequences in a micro-batch from which on the rate is taken to be the best.
    package static let saturation = 192
    /// The number of sequences at which the best rate is measured.
    package static let reference = 256
    /// The share of the pool at which a prefill phase ends.
    package static let poolShare = 0.9

    /// Of `sequences` that decode in `stages` micro-batches. `time(n)`: seconds of the whole model for n decode steps.
    package static func spatial(sequences: Int, stages: Int, time: (Int) -> Double) -> Double {
        let size = max(1, sequences / stages)
        if size >= saturation { return 1 }
        return (Double(size) / time(size)) / (Double(reference) / time(reference))
    }

    /// Of prompts that the whole model computes in `prompts` seconds each, before a decode step of `decodeStep` seconds
    /// of the whole model. May exceed 1, since a time of one stage is compared with one of the whole model. 0 for no
    /// prompts.
    package static func temporal(prompts: some Collection<Double>, decodeStep: Double, stages: Int) -> Double {
        guard let longest = prompts.max() else { return 0 }
        let depth = Double(stages)
        let time = prompts.reduce(0, +) / depth + longest / depth * (depth - 1)
        let bubble = (longest / depth - decodeStep) * (depth - 1)
        return (time - bubble) / time
    }
}

/// The account of a decode phase for the marginal-value rule: a decode phase and the prefill phase after it are one cycle
/// of a renewal process, and the long-run rate is best when the phase ends as its present rate falls below that of the
/// whole cycle.
package struct RenewalCycle: Sendable, Hashable {
    /// Seconds that the decode steps so far would have taken at the best rate.
    package private(set) var useful = 0.0
    /// Seconds that they took, waiting for the largest micro-batch of the round included.
    package private(set) var elapsed = 0.0
    private let stages: Int
    /// Seconds of the latest decode steps, at most one a stage.
    private var recent: [Double] = []

    package init(stages: Int) { self.stages = stages }

    /// A decode micro-batch retired that took the slowest stage `seconds`, at a time when the best rate is `peakRate`
    /// tokens a second.
    package mutating func add(sequences: Int, seconds: Double, peakRate: Double) {
        if recent.count == stages { recent.removeFirst() }
        recent.append(seconds)
        useful += min(Double(sequences) / peakRate, seconds)
        elapsed += recent.max()!
    }

    /// The useful share of the cycle if the decode phase ended now: with a prefill phase of `prefill` useful seconds,
    /// and `bubble` seconds lost on the switches.
    package func rate(prefill: Double, bubble: Double) -> Double {
        let total = elapsed + prefill + bubble
        return total > 0 ? (useful + prefill) / total : 0
    }
}
