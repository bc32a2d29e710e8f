import ArgumentParser

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run the scheduler on hardware that is not there, and look for faults in it.",
        discussion: """
            The scheduler that runs real stages, on a virtual clock. Without a subcommand it is a study: \
            tideway simulate --cluster 4xL20 --model Llama-2-13B

            Exit status: 0 done; 1 nothing could be simulated, an invariant was violated, or a replay differs; 2 wrong \
            usage.
            """,
        subcommands: [
            StudyCommand.self, PaperCommand.self, LikeCommand.self, FuzzCommand.self, ReplayCommand.self,
        ],
        defaultSubcommand: StudyCommand.self)

    /// Subcommands that were once flags of `simulate`, with whether the flag had a value.
    private static let formerFlags: [(flag: String, subcommand: String, hasValue: Bool)] = [
        ("--preset", "paper", true), ("--like", "like", true), ("--fuzz", "fuzz", false), ("--replay", "replay", true),
    ]

    /// The program's arguments, with a former flag replaced by its subcommand: `simulate --fuzz` is `simulate fuzz`.
    /// Scripts that were written for the flags still work.
    static func withSubcommand(_ arguments: [String]) -> [String] {
        guard arguments.first == configuration.commandName, arguments.count > 1, arguments[1].hasPrefix("-") else {
            return arguments
        }
        for (flag, subcommand, hasValue) in formerFlags {
            guard let place = arguments.firstIndex(where: { $0 == flag || $0.hasPrefix(flag + "=") }) else { continue }
            var rest = Array(arguments.dropFirst())
            let found = rest.remove(at: place - 1)
            guard hasValue else { return [arguments[0], subcommand] + rest }
            if found != flag { return [arguments[0], subcommand, String(found.dropFirst(flag.count + 1))] + rest }
            guard place - 1 < rest.count else { return arguments }
            let value = rest.remove(at: place - 1)
            return [arguments[0], subcommand, value] + rest
        }
        return arguments
    }
}
