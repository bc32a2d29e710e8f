import ArgumentParser

@main
struct Tideway: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tideway",
        abstract: "High-throughput LLM inference: a file of prompts in, a file of answers out.",
        version: "0.1.0",
        subcommands: [
            RunCommand.self, ShowCommand.self, ProfileCommand.self, BenchCommand.self, SimulateCommand.self,
            PlanCommand.self, PredictorCommand.self, EmbedCommand.self,
            InspectCommand.self, LogitsCommand.self, TokenizeCommand.self, RenderCommand.self,
        ])

    static func main() {
        do {
            let arguments = try SimulateCommand.withSubcommand(Array(CommandLine.arguments.dropFirst()))
            var command = try parseAsRoot(arguments)
            try command.run()
        } catch let status as ExitCode {
            exit(withError: status)
        } catch let error where exitCode(for: error) == .validationFailure {
            // Wrong usage ends with status 2, as the design says; the parser's own code would be 64.
            Console.error(fullMessage(for: error))
            exit(withError: ExitCode(2))
        } catch let error where exitCode(for: error) == .success {
            exit(withError: error)
        } catch {
            // The parser wraps an error of an option's file; its message is the error's own.
            Console.error("tideway: \(message(for: error))")
            exit(withError: ExitCode(1))
        }
    }
}
