import FaultWorlds
import Platform

/// Fault testing on the command line: runs a campaign, and reports failures with the command that repeats them.
enum FuzzSession {
    /// Runs the worlds of `count` seeds from `first` on. Prints the report to standard output, a failure to standard
    /// error. Returns whether every invariant held in every world.
    /// - Parameter seconds: the time in seconds after which no further world is begun; nil: all worlds are run.
    static func run(first: UInt64, seeds count: Int, seconds: Double? = nil) -> Bool {
        let begin = ContinuousClock.now
        LastWords.install()
        let report = FuzzCampaign.run(first: first, seeds: count) { seed in
            LastWords.prepare("seed \(seed) ended the process\n  again: \(FuzzCampaign.command(seed: seed))\n")
            return seconds.map { begin.duration(to: .now) < .seconds($0) } ?? true
        }
        LastWords.prepare("")
        Console.out(lines(report, first: first).joined(separator: "\n"))
        if let failure = report.failure { Console.error("\(failure)") }
        return report.failure == nil
    }

    private static func lines(_ report: FuzzReport, first: UInt64) -> [String] {
        let totals = report.totals
        let verdict = report.failure == nil ? "every invariant held" : "an invariant was violated in the last"
        return [
            "\(report.seeds) worlds from seed \(first) on: \(verdict)",
            "  \(totals.finished) requests ended, \(totals.refused) were refused; \(totals.microBatches) micro-batches, "
                + "\(totals.preemptions) preemptions",
            "  \(totals.stageLosses) stages lost, with \(totals.voidMicroBatches) micro-batches in flight and "
                + "\(totals.interruptions) sequences in the cache",
            "  \(totals.delayedMessages) messages delayed, \(totals.repeatedMessages) repeated, "
                + "\(totals.strayRetirements) retirements told in vain, \(totals.cancellations) cancellations",
            "  digest \(report.digest)",
        ]
    }
}
