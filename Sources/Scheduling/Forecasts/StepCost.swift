/// What a micro-batch asks of a stage.
public struct StepLoad: Sendable, Hashable {
    /// Rows: tokens that pass through the layers.
    public var tokens: Int
    /// Tokens that the rows attend to, summed over the rows: `n` decode steps at positions `p` attend to the sum of
    /// `p + 1`, a prompt of `n` tokens from its beginning to `n (n + 1) / 2`.
    public var context: Int
    /// Sequences whose next token is drawn: rows of the output head.
    public var sequences: Int

    public init(tokens: Int, context: Int, sequences: Int) {
        self.tokens = tokens
        self.context = context
        self.sequences = sequences
    }

    /// A decode step of `sequences` sequences that attend to `context` tokens together.
    public static func decode(sequences: Int, context: Int) -> StepLoad {
        StepLoad(tokens: sequences, context: context, sequences: sequences)
    }

    /// The tokens `start ..< start + tokens` of one prompt.
    public static func prefill(tokens: Int, from start: Int = 0, isLast: Bool = true) -> StepLoad {
        StepLoad(tokens: tokens, context: tokens * start + tokens * (tokens + 1) / 2, sequences: isLast ? 1 : 0)
    }

    public static func + (a: StepLoad, b: StepLoad) -> StepLoad {
        StepLoad(tokens: a.tokens + b.tokens, context: a.context + b.context, sequences: a.sequences + b.sequences)
    }
}

/// How long each stage takes for a micro-batch: T(tokens, context, sequences) of TD-Pipe (arXiv 2506.10470, section 3),
/// per stage and with the context length, which the paper's single table leaves out.
///
/// A cost is a value: measured or modelled before a run, and refined by the times that the run observes.
public protocol StepCost: Sendable {
    /// Pipeline depth P.
    var stages: Int { get }
    /// Seconds, above 0, that `stage` (0 ..< `stages`) computes a micro-batch of this load.
    func seconds(_ load: StepLoad, on stage: Int) -> Double
    /// Relative standard error of `seconds` for this load, at least 0, from the measurements behind it. 0, the default,
    /// for a cost that is exact by definition. A policy acts only on advantages that exceed this error.
    func uncertainty(_ load: StepLoad, on stage: Int) -> Double
    /// `stage` computed a micro-batch of this load in `seconds`.
    mutating func observe(_ load: StepLoad, on stage: Int, seconds: Double)
}

extension StepCost {
    public func uncertainty(_ load: StepLoad, on stage: Int) -> Double { 0 }

    /// The relative standard error of the least certain stage.
    public func uncertainty(_ load: StepLoad) -> Double {
        var most = 0.0
        for stage in 0..<stages { most = max(most, uncertainty(load, on: stage)) }
        return most
    }

    /// Seconds of the slowest stage: the cost of a micro-batch in a pipeline full of equal micro-batches.
    public func slowest(_ load: StepLoad) -> Double {
        var most = 0.0
        for stage in 0..<stages { most = max(most, seconds(load, on: stage)) }
        return most
    }

    /// Seconds of all stages together: the latency of a micro-batch in an empty pipeline.
    public func total(_ load: StepLoad) -> Double {
        var sum = 0.0
        for stage in 0..<stages { sum += seconds(load, on: stage) }
        return sum
    }
}
