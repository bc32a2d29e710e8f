/// The settings of policies that forecast.
public struct PolicySettings: Sendable {
    /// How long each stage takes for a micro-batch, for as many stages as the engine has.
    public var costs: any StepCost
    public var lengths: any LengthPredictor
    public var tdPipe: TDPipeOptions

    public init(costs: any StepCost, lengths: any LengthPredictor, tdPipe: TDPipeOptions = TDPipeOptions()) {
        self.costs = costs
        self.lengths = lengths
        self.tdPipe = tdPipe
    }

    /// For a run of which nothing is known before it begins: assumed costs of `stages` equal stages, and lengths
    /// learned from the answers of the run, within their limits.
    public static func unmeasured(stages: Int) -> PolicySettings {
        PolicySettings(costs: AssumedStepCost(stages: stages), lengths: HistoryPredictor(respectsLimit: true))
    }
}
