/// A step cost fitted to measured times, and refined by the times that a run observes.
///
/// `samples` are kept as given, so that a caller can store them and make the same cost again.
public struct MeasuredStepCost: StepCost {
    public let samples: [StepSample]
    /// The fit of each stage, without the corrections of the run.
    public let fits: [StageFit]
    /// How closely the fits reproduce the samples.
    public let residuals: FitResiduals
    private var corrections: [StepCorrection]
    /// The relative error of the table between its points, estimated from the residuals.
    private let tableError: Double
    /// The least error to assume: times of few micro-batches are not known better, however well they agree.
    private static let leastError = 0.01

    /// Fits each stage to the samples. Good samples are prompts of 1 to a few thousand tokens that draw 0 or 1 token,
    /// and decode steps of the same numbers of sequences at two or more context lengths.
    ///
    /// - Throws: `invalid_samples` unless there is a sample, all samples have the same number of stages, tokens are at
    ///   least 1, contexts and sequences at least 0, and times above 0 and below a million seconds.
    public init(_ samples: [StepSample]) throws(ForecastError) {
        for (index, sample) in samples.enumerated() { try Self.check(sample, at: index, against: samples[0]) }
        guard let stages = samples.first?.stageSeconds.count, stages > 0 else {
            throw ForecastError(.invalidSamples, "\(samples.count) samples of 0 stages; at least 1 of each is needed")
        }
        self.samples = samples
        fits = (0..<stages).map { stage in
            StageFit(fitting: samples.map { ($0.load, $0.stageSeconds[stage]) })
        }
        // A table was measured with care: what a run observes moves it slowly.
        corrections = Array(repeating: StepCorrection(share: 1.0 / 16, limit: 16), count: stages)
        var errors: [Double] = []
        for sample in samples {
            for (fit, seconds) in zip(fits, sample.stageSeconds) {
                errors.append(abs(fit.seconds(sample.load) - seconds) / seconds)
            }
        }
        // Most residuals of a small table are 0, since the fit goes through its points: only the large ones count.
        errors.sort()
        tableError = max(Self.leastError, errors[errors.count * 9 / 10])
        residuals = FitResiduals(median: median(errors), worst: errors.max()!)
    }

    public var stages: Int { fits.count }

    public func seconds(_ load: StepLoad, on stage: Int) -> Double {
        fits[stage].seconds(load) * corrections[stage].factor(load.tokens)
    }

    /// For observed sizes, the standard error of the observations; for all others, the error of the table.
    public func uncertainty(_ load: StepLoad, on stage: Int) -> Double {
        corrections[stage].uncertainty(load.tokens, table: tableError)
    }

    /// Moves the correction of the stage towards this time. Ignores a stage that the table does not know and a time
    /// that is not above 0.
    public mutating func observe(_ load: StepLoad, on stage: Int, seconds: Double) {
        guard corrections.indices.contains(stage) else { return }
        corrections[stage].observe(load.tokens, ratio: seconds / fits[stage].seconds(load))
    }

    private static func check(_ sample: StepSample, at index: Int, against first: StepSample) throws(ForecastError) {
        let load = sample.load
        guard load.tokens >= 1 && load.context >= 0 && load.sequences >= 0 else {
            throw ForecastError(
                .invalidSamples,
                "sample \(index) has \(load.tokens) tokens, a context of \(load.context) and \(load.sequences) "
                    + "sequences; they must be at least 1, 0 and 0")
        }
        guard sample.stageSeconds.count == first.stageSeconds.count else {
            throw ForecastError(
                .invalidSamples,
                "sample \(index) has the times of \(sample.stageSeconds.count) stages, sample 0 of "
                    + "\(first.stageSeconds.count)")
        }
        for seconds in sample.stageSeconds where !(seconds > 0 && seconds < 1e6) {
            throw ForecastError(
                .invalidSamples, "sample \(index) took \(seconds) seconds; more than 0 and less than 1e6 are possible")
        }
    }
}
