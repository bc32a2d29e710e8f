import ArgumentParser
import Scheduling
import Simulation
import Studies

struct SurveyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "survey",
        abstract: "Compare policies in many settings, in one picture.",
        discussion: """
            Each method runs in each setting, on the same requests. Tokens a second are told as ratios to the fastest \
            method of the setting, and the page draws them all at once.

            A line of the file of settings: CLUSTER MODEL WORKLOAD REQUESTS SEED [KEY=VALUE]..., each as simulate study \
            reads it, with spaces between and none inside. What follows a # is skipped. Keys: \
            \(StudyKeys.names.filter { !["cluster", "model", "requests", "seed"].contains($0) }.joined(separator: ", ")). \
            Without a file the built-in settings run; --list prints them.

            A policy may carry options after plus signs and a parallel plan after an at sign: hybrid@tp has all devices \
            of each cluster share every matrix (tensor parallelism), hybrid@pp makes each a stage, and \
            td-pipe+stealing=off@tp2pp2 names a plan. Without a plan it is that of the setting (key parallel), or a stage \
            for each device.

            Exit status: 0 done; 1 nothing could be run; 2 wrong usage.
            """)

    @Option(
        help: ArgumentHelp("The settings, one a line (default: those that are built in).", valueName: "file"))
    var settings: String?
    @Option(
        help: ArgumentHelp(
            "Policies to compare, with commas between them: \(PolicyCatalogue.names.joined(separator: ", ")), each with "
                + "a plan after @ or without. (default: \(StudyMethod.compared))", valueName: "names"))
    var policies: String?
    @Option(
        help: ArgumentHelp(
            "What predicts answer lengths for td-pipe and auto where the setting does not say it, as simulate study reads it.",
            valueName: "predictor"))
    var predictor: String?
    @OptionGroup var additions: CatalogueOption
    @Option(help: ArgumentHelp("Write all figures as JSON.", valueName: "file")) var json: String?
    // What other subcommands call a report is one here too.
    @Option(
        name: [.customLong("page"), .customLong("report")],
        help: ArgumentHelp("Write the picture and all figures: one HTML page.", valueName: "file"))
    var page: String?
    @Flag(help: "Print the built-in settings in the form of a file, and run nothing.") var list = false
    @Flag(help: "Show no progress and no table.") var quiet = false

    mutating func validate() throws {
        guard !list || settings == nil else {
            throw ValidationError("--list prints the built-in settings; it has no meaning beside --settings")
        }
        _ = try SimulateSurvey(self)
    }

    mutating func run() throws {
        if list {
            Console.out(String(StandardSurvey.text.dropLast()))
        } else {
            try SimulateSurvey(self).run()
        }
    }
}
