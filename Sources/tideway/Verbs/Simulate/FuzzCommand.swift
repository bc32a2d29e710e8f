import ArgumentParser

struct FuzzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz",
        abstract: "Look for faults in the scheduler.",
        discussion: """
            Runs worlds of random pipelines, pools, policies and faults (stages that fail and return, messages that come \
            late or twice, cancellations) and checks every invariant of the scheduler in each: answers, blocks, the order \
            of micro-batches, and that no stage stands idle while requests wait that fit.
            """)

    @Option(help: ArgumentHelp("How many worlds, from --seed on.", valueName: "n")) var seeds = 1000
    @Option(help: ArgumentHelp("The first world.", valueName: "n")) var seed: UInt64 = 0

    mutating func validate() throws { try Usage.check("seeds", seeds, in: 1...100_000_000) }

    mutating func run() throws {
        guard FuzzSession.run(first: seed, seeds: seeds) else { throw ExitCode(1) }
    }
}
