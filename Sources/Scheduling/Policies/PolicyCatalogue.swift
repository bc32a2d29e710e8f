/// The policies by their names on the command line.
public enum PolicyCatalogue {
    public static let names = ["separate", "hybrid"]
    /// The policy that runs when none is named.
    public static let defaultName = "hybrid"

    /// nil if no policy has this name.
    public static func policy(named name: String) -> (any SchedulingPolicy)? {
        switch name {
        case "separate": SeparatePolicy()
        case "hybrid": HybridPolicy()
        default: nil
        }
    }
}
