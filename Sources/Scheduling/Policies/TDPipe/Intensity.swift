/// The spatial-temporal comparison of TD-Pipe (arXiv 2506.10470, section 3.4) as functions of numbers.
///
/// *Spatial*: the share of the best decode rate that is reached by going on with the decode phase, whose micro-batches
/// shrink. *Temporal*: the share of useful time in the prefill phase that is possible now, which pays the bubbles of the
/// switch. A decode phase should end when the first falls below the second.
public enum Intensity {
    /// Of `sequences` that decode in rounds of `stages` micro-batches: tokens a second over `peakRate`.
    ///
    /// A round lasts `stages` times `largestStep`, the seconds that the slowest stage takes for the largest micro-batch:
    /// the others wait for it. So the rounding of small counts shows, even where each row costs the same.
    public static func spatial(sequences: Int, stages: Int, largestStep: Double, peakRate: Double) -> Double {
        Double(sequences) / (Double(stages) * largestStep) / peakRate
    }

    /// Of a prefill phase of micro-batches that the slowest stage computes in `units` seconds each, before a decode step
    /// that it computes in `decodeStep` seconds. 0 for no units at all: there is nothing to switch for.
    public static func temporal(units: some Collection<Double>, decodeStep: Double, stages: Int) -> Double {
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
public enum ReleasedIntensity {
    /// The number of sequences in a micro-batch from which on the rate is taken to be the best.
    public static let saturation = 192
    /// The number of sequences at which the best rate is measured.
    public static let reference = 256
    /// The share of the pool at which a prefill phase ends.
    public static let poolShare = 0.9

    /// Of `sequences` that decode in `stages` micro-batches. `time(n)`: seconds of the whole model for n decode steps.
    public static func spatial(sequences: Int, stages: Int, time: (Int) -> Double) -> Double {
        let size = max(1, sequences / stages)
        if size >= saturation { return 1 }
        return (Double(size) / time(size)) / (Double(reference) / time(reference))
    }

    /// Of prompts that the whole model computes in `prompts` seconds each, before a decode step of `decodeStep` seconds
    /// of the whole model. May exceed 1, since a time of one stage is compared with one of the whole model. 0 for no
    /// prompts.
    public static func temporal(prompts: some Collection<Double>, decodeStep: Double, stages: Int) -> Double {
        guard let longest = prompts.max() else { return 0 }
        let depth = Double(stages)
        let time = prompts.reduce(0, +) / depth + longest / depth * (depth - 1)
        let bubble = (longest / depth - decodeStep) * (depth - 1)
        return (time - bubble) / time
    }
}
