import Scheduling

/// Checked arithmetic on the virtual clock, which counts whole nanoseconds.
enum VirtualTime {
    /// The last moment of the clock, after 146 years.
    static let latest = Instant(nanoseconds: 1 << 62)

    /// Seconds as whole nanoseconds, to the nearest.
    /// - Parameter what: names the duration in the message.
    /// - Throws: `invalid_setting` unless the seconds are finite and at least 0, `clock_exceeded` beyond the clock.
    static func nanoseconds(_ seconds: Double, of what: @autoclosure () -> String) throws(SimulationError) -> Int64 {
        guard seconds.isFinite, seconds >= 0 else {
            throw SimulationError(.invalidSetting, "\(what()) takes \(seconds) s; it must be finite and at least 0")
        }
        let nanoseconds = (seconds * 1e9).rounded()
        guard nanoseconds < Double(latest.nanoseconds) else {
            throw SimulationError(
                .clockExceeded, "\(what()) takes \(seconds) s; the clock counts up to \(latest.seconds) s")
        }
        return Int64(nanoseconds)
    }
}

extension Instant {
    /// The moment `nanoseconds` later.
    /// - Throws: `clock_exceeded` beyond the clock.
    func later(_ nanoseconds: Int64) throws(SimulationError) -> Instant {
        let (sum, overflows) = self.nanoseconds.addingReportingOverflow(nanoseconds)
        guard !overflows, sum <= VirtualTime.latest.nanoseconds else {
            throw SimulationError(
                .clockExceeded,
                "\(nanoseconds) ns after \(seconds) s the clock has ended; it counts up to "
                    + "\(VirtualTime.latest.seconds) s")
        }
        return Instant(nanoseconds: sum)
    }
}
