/// Decides when a decode phase gives way to a prefill phase. Asked at most once between two rounds of micro-batches.
protocol SwitchRule: Sendable {
    /// Whether the rule may decide to switch at all. Asked first, since finding out what could be prefilled goes over
    /// all live requests.
    /// - Parameters:
    ///   - sequences: the number of sequences that decode now.
    ///   - start: the number of sequences that decoded when the phase began.
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
    /// The spatial intensity that was compared; nil without a comparison.
    var spatial: Double?
    /// The temporal intensity that was compared; nil without a comparison.
    var temporal: Double?

    init(_ reason: PhaseDecision.Reason) { self.reason = reason }

    /// A verdict to switch if the spatial intensity is below the temporal one; nil otherwise.
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
    /// The load of all prompts together.
    private(set) var load = StepLoad(tokens: 0, context: 0, sequences: 0)
    /// Tokens of each waiting request, without the rest of a cut prompt.
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

    /// The number of sequences in a decode micro-batch after the prefill phase.
    var sizeAfter: Int { max(1, (sequences + prefill.requests) / stages) }

    /// The spatial intensity of the next round.
    var spatial: Double {
        let next = DecodeRound(
            total: sequences, stages: stages, context: decode.context, costs: costs, previous: round)
        return Intensity.spatial(
            sequences: next.sequences, stages: stages, largestStep: next.largestStep, peakRate: decode.peakRate)
    }

    /// The number of prefill units of the possible phase, at least 1. A partly filled last unit counts as a fraction.
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

/// `switch=intensity`: when the spatial intensity falls below the temporal one, with the times of one stage on both
/// sides.
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

/// `switch=released`: the comparison of intensities as in the authors' released code.
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

/// `switch=fixed:X`: when this share of the sequences that decoded at the start of the phase has ended, and anything
/// can be prefilled.
struct FixedShareRule: SwitchRule {
    let share: Double

    func isWorthALook(sequences: Int, of start: Int) -> Bool {
        Double(start - sequences) >= share * Double(start)
    }

    func verdict(_ outlook: SwitchOutlook) -> SwitchVerdict? { SwitchVerdict(.threshold) }
}

/// The spatial-temporal comparison of TD-Pipe (arXiv 2506.10470, section 3.4) as functions of numbers.
///
/// *Spatial*: the share of the best decode rate that the decode phase reaches if it goes on, with micro-batches that
/// shrink. *Temporal*: the share of useful time in the prefill phase that is possible now, which includes the bubbles
/// of the switch. A decode phase should end when the spatial intensity falls below the temporal one.
package enum Intensity {
    /// The intensity of `sequences` that decode in rounds of `stages` micro-batches: tokens a second over `peakRate`.
    ///
    /// A round lasts `stages` times `largestStep`, the seconds that the slowest stage takes for the largest
    /// micro-batch, since the others wait for it. So uneven micro-batches of few sequences lower the intensity, even
    /// where each row costs the same.
    package static func spatial(sequences: Int, stages: Int, largestStep: Double, peakRate: Double) -> Double {
        Double(sequences) / (Double(stages) * largestStep) / peakRate
    }

    /// The intensity of a prefill phase whose micro-batches take the slowest stage `units` seconds each, before a
    /// decode step that takes it `decodeStep` seconds. 0 without units, since there is nothing to switch for.
    package static func temporal(units: some Collection<Double>, decodeStep: Double, stages: Int) -> Double {
        guard let longest = units.max() else { return 0 }
        return temporal(
            unitSum: units.reduce(0, +), longest: longest, decodeStep: decodeStep, stages: stages)
    }

    /// The intensity of a prefill phase whose units take `unitSum` seconds together, above 0, and the longest unit
    /// `longest` seconds.
    static func temporal(unitSum: Double, longest: Double, decodeStep: Double, stages: Int) -> Double {
        let time = unitSum + longest * Double(stages - 1)
        let bubble = max(0, longest - decodeStep) * Double(stages - 1)
        return (time - bubble) / time
    }
}

/// The spatial-temporal comparison as in the authors' released code: with the times of the whole model, `T(n)` of one
/// table for prompts of n tokens and for n decode steps. Kept to measure what the corrections in `Intensity` are worth.
package enum ReleasedIntensity {
    /// The number of sequences in a micro-batch from which on the decode rate is assumed to be the best.
    package static let saturation = 192
    /// The number of sequences at which the best rate is measured.
    package static let reference = 256
    /// The share of the pool at which a prefill phase ends.
    package static let poolShare = 0.9

    /// The intensity of `sequences` that decode in `stages` micro-batches.
    /// - Parameter time: the seconds that the whole model takes for n decode steps.
    package static func spatial(sequences: Int, stages: Int, time: (Int) -> Double) -> Double {
        let size = max(1, sequences / stages)
        if size >= saturation { return 1 }
        return (Double(size) / time(size)) / (Double(reference) / time(reference))
    }

    /// The intensity of a prefill phase whose prompts take the whole model `prompts` seconds each, before a decode step
    /// of `decodeStep` seconds of the whole model. May exceed 1, since the time of one stage is compared with a time of
    /// the whole model. 0 without prompts.
    package static func temporal(prompts: some Collection<Double>, decodeStep: Double, stages: Int) -> Double {
        guard let longest = prompts.max() else { return 0 }
        let depth = Double(stages)
        let time = prompts.reduce(0, +) / depth + longest / depth * (depth - 1)
        let bubble = (longest / depth - decodeStep) * (depth - 1)
        return (time - bubble) / time
    }
}

/// The account of a decode phase for the marginal-value rule: a decode phase and the prefill phase after it are one
/// cycle of a renewal process, and the long-run rate is best when the phase ends as its present rate falls below that
/// of the whole cycle.
package struct RenewalCycle: Sendable, Hashable {
    /// Seconds that the decode steps so far would have taken at the best rate.
    package private(set) var useful = 0.0
    /// Seconds that the decode steps took, including the wait for the largest micro-batch of the round.
    package private(set) var elapsed = 0.0
    private let stages: Int
    /// Seconds of the latest decode steps, at most one per stage.
    private var recent: [Double] = []

    package init(stages: Int) { self.stages = stages }

    /// Counts a retired decode micro-batch, which took the slowest stage `seconds` while the best rate was `peakRate`
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
