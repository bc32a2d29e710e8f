import ArgumentParser
import EventLog
import Platform

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Tell a scheduler all that run --event-log took down, and demand the same actions.")

    @Argument(help: ArgumentHelp("The event log.", valueName: "file")) var events: String

    mutating func run() throws { Console.out(try EventReplayReport(path: events).text) }
}

/// A recorded run, replayed to a scheduler.
struct EventReplayReport {
    let text: String

    /// - Throws: an error that names the first line of the log at which the scheduler decides differently.
    init(path: String) throws {
        var replay = try EventReplay(String(decoding: SmallFile.read(path), as: UTF8.self))
        let setup = replay.setup
        let summary = try replay.run()
        text = """
            \(path): the scheduler wants what it wanted then
              \(summary.events) events, \(summary.actions) actions, \(summary.requests) requests, \(summary.live) alive \
            at the end
              policy \(setup.policy), \(setup.configuration.stages) stages, \(setup.configuration.blockCount) KV blocks; \
            \(summary.counters.preemptions) preemptions in \(Double(summary.end.nanoseconds) / 1e9) s
            """
    }
}
