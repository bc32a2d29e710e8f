/// The policies by their names on the command line.
public enum PolicyCatalogue {
    public static let names = compared + ["virtual-separate", "virtual-hybrid"]
    /// The policies that comparisons run when none is named.
    public static let compared = ["separate", "hybrid", "throttle", "td-pipe", "auto"]
    /// The policies that plan with step costs and predicted lengths, and have td-pipe's options.
    public static let forecasting = ["td-pipe", "auto"]
    /// The policy that runs when none is named.
    public static let defaultName = "auto"

    /// Makes a policy; nil if no policy has this name. Policies that do not forecast ignore the settings.
    public static func policy(named name: String, settings: PolicySettings) -> (any SchedulingPolicy)? {
        switch name {
        case "separate": SeparatePolicy()
        case "hybrid": HybridPolicy()
        case "throttle": ThrottlePolicy()
        case "virtual-separate": VirtualEnginesPolicy(SeparatePolicy())
        case "virtual-hybrid": VirtualEnginesPolicy(HybridPolicy())
        case "td-pipe": TDPipePolicy(costs: settings.costs, lengths: settings.lengths, options: settings.tdPipe)
        case "auto": AutoPolicy(costs: settings.costs, lengths: settings.lengths, tdPipe: settings.tdPipe)
        default: nil
        }
    }

    /// Makes a policy with the settings of a run of which nothing is known; nil if no policy has this name. Costs are
    /// assumed for one stage by default: a micro-batch takes the same time on each of several equal stages.
    public static func policy(named name: String, stages: Int = 1) -> (any SchedulingPolicy)? {
        policy(named: name, settings: .unmeasured(stages: stages))
    }
}
