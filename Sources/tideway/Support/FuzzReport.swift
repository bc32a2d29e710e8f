import FaultWorlds

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Fault testing on the command line: runs a campaign, says what was found and how to see it again.
enum FuzzSession {
    /// Runs the worlds of `count` seeds from `first` on. Prints the report to standard output, a failure to standard
    /// error. Returns whether every invariant held in every world.
    /// - Parameter seconds: after so many no further world is begun; nil: all are run.
    static func run(first: UInt64, seeds count: Int, seconds: Double? = nil) -> Bool {
        let begin = clockSeconds
        LastWords.install()
        let report = FuzzCampaign.run(first: first, seeds: count) { seed in
            LastWords.prepare("seed \(seed) ended the process\n  again: \(FuzzCampaign.command(seed: seed))\n")
            return seconds.map { clockSeconds - begin < $0 } ?? true
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

    private static var clockSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

/// What the process says when a failed precondition ends it: that is a finding too, and its seed must be known.
private enum LastWords {
    private static let room = 256
    // The signal's handler may do no more than write bytes that lie ready.
    nonisolated(unsafe) private static let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: room)
    nonisolated(unsafe) private static let count = {
        let count = UnsafeMutablePointer<Int>.allocate(capacity: 1)
        count.initialize(to: 0)
        return count
    }()

    static func prepare(_ text: String) {
        count.pointee = 0
        for (index, byte) in text.utf8.prefix(room).enumerated() { bytes[index] = byte }
        count.pointee = min(room, text.utf8.count)
    }

    /// Traps end in SIGILL on x86 and in SIGTRAP on ARM.
    static func install() {
        prepare("")
        for number in [SIGILL, SIGTRAP] {
            signal(number) { number in
                _ = write(STDERR_FILENO, LastWords.bytes, LastWords.count.pointee)
                // The trap comes again, and now ends the process as it would have.
                signal(number, SIG_DFL)
            }
        }
    }
}
