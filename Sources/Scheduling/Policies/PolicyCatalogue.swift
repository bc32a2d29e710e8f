/// The policies by their names on the command line.
public enum PolicyCatalogue {
    public static let names = ["separate", "hybrid", "throttle", "td-pipe"]
    /// The policy that runs when none is named.
    public static let defaultName = "td-pipe"

    /// Makes a policy; those that do not forecast make no use of the settings. nil if no policy has this name.
    public static func policy(named name: String, settings: PolicySettings) -> (any SchedulingPolicy)? {
        switch name {
        case "separate": SeparatePolicy()
        case "hybrid": HybridPolicy()
        case "throttle": ThrottlePolicy()
        case "td-pipe": TDPipePolicy(costs: settings.costs, lengths: settings.lengths, options: settings.tdPipe)
        default: nil
        }
    }

    /// The same with the settings of a run of which nothing is known. Costs are assumed for one stage unless told: in
    /// equal stages a micro-batch takes the same time whichever it is.
    public static func policy(named name: String, stages: Int = 1) -> (any SchedulingPolicy)? {
        policy(named: name, settings: .unmeasured(stages: stages))
    }
}
