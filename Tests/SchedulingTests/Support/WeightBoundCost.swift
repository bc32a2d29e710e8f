import Scheduling

/// Equal stages on which a micro-batch takes as long as its weights are read, or as its tokens are computed, whichever is
/// longer. Attention is free.
struct WeightBoundCost: StepCost {
    let stages: Int
    /// Tokens whose computing takes as long as the weights are read.
    let knee: Int
    /// Seconds of a token.
    let secondsPerToken: Double

    init(stages: Int, knee: Int, secondsPerToken: Double = 0.001) {
        self.stages = stages
        self.knee = knee
        self.secondsPerToken = secondsPerToken
    }

    func seconds(_ load: StepLoad, on stage: Int) -> Double { secondsPerToken * Double(max(knee, load.tokens)) }

    mutating func observe(_ load: StepLoad, on stage: Int, seconds: Double) {}
}
