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
            StudyCommand.self, SurveyCommand.self, PaperCommand.self, LikeCommand.self, FuzzCommand.self,
            ReplayCommand.self,
        ],
        defaultSubcommand: StudyCommand.self)

    /// A subcommand that was once a flag of `simulate`.
    private struct FormerFlag {
        let flag: String
        let subcommand: String
        var hasValue = true

        func matches(_ argument: String) -> Bool {
            argument == flag || hasValue && argument.hasPrefix(flag + "=")
        }
    }

    private static let formerFlags = [
        FormerFlag(flag: "--preset", subcommand: "paper"), FormerFlag(flag: "--like", subcommand: "like"),
        FormerFlag(flag: "--fuzz", subcommand: "fuzz", hasValue: false),
        FormerFlag(flag: "--replay", subcommand: "replay"),
    ]

    /// The program's arguments, with a former flag replaced by its subcommand: `simulate --fuzz` is `simulate fuzz`.
    /// Scripts that were written for the flags still work. Of a flag that is given twice the last value counts.
    /// - Throws: `ValidationError` for a flag without its value, or two flags that are different subcommands now.
    static func withSubcommand(_ arguments: [String]) throws -> [String] {
        guard arguments.first == configuration.commandName, arguments.count > 1, arguments[1].hasPrefix("-") else {
            return arguments
        }
        // What follows `--` are no flags.
        let end = arguments.firstIndex(of: "--") ?? arguments.count
        let given = formerFlags.filter { former in arguments[..<end].contains(where: former.matches) }
        guard let former = given.first else { return arguments }
        if given.count > 1 { throw ValidationError("\(given[1].flag) has no meaning beside \(former.flag)") }
        var rest: [String] = []
        var value: String?
        var index = 1
        while index < end {
            let argument = arguments[index]
            index += 1
            if !former.matches(argument) {
                rest.append(argument)
            } else if argument != former.flag {
                value = String(argument.dropFirst(former.flag.count + 1))
            } else if former.hasValue {
                value = index < end && !arguments[index].hasPrefix("-") ? arguments[index] : ""
                index += 1
            }
        }
        if value == "" { throw ValidationError("\(former.flag) needs a value") }
        rest += arguments[end...]
        guard let value else { return [arguments[0], former.subcommand] + rest }
        // First, so that a wrong option is blamed before what follows it; last, where it would pass for an option.
        guard value.hasPrefix("-") else { return [arguments[0], former.subcommand, value] + rest }
        return [arguments[0], former.subcommand] + rest + (end < arguments.count ? [value] : ["--", value])
    }
}
