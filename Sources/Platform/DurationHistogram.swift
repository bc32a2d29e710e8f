/// How often durations of each length occurred, in bounded memory: 58 KiB, whatever is added.
///
/// Durations below 128 ns are kept exactly; longer ones in classes, 128 of equal width between each power of two and the
/// next. A percentile is therefore at most 1/128 (0.8 %) above the exact one, and never below it; the longest duration is
/// exact.
package struct DurationHistogram: Sendable, Hashable {
    private static let classesPerDoubling = 128
    private static let bits = 7

    /// By class; empty before the first duration.
    private var counts: [Int] = []
    /// The number of durations.
    package private(set) var count = 0
    /// The longest duration, in nanoseconds; 0 without durations.
    package private(set) var longest: Int64 = 0

    package init() {}

    /// Adds a duration, in nanoseconds, at least 0.
    package mutating func add(nanoseconds: Int64) {
        precondition(nanoseconds >= 0, "a duration of \(nanoseconds) ns; at least 0 is possible")
        if counts.isEmpty { counts = [Int](repeating: 0, count: Self.place(of: .max) + 1) }
        counts[Self.place(of: nanoseconds)] += 1
        count += 1
        longest = max(longest, nanoseconds)
    }

    /// The least nanoseconds, but for the width of a class, that at least `percent` % of the durations do not exceed; nil
    /// without durations.
    package func nanoseconds(percentile percent: Int) -> Int64? {
        guard count > 0 else { return nil }
        let rank = max(1, (count * percent + 99) / 100)
        var seen = 0
        for (place, number) in counts.enumerated() where number > 0 {
            seen += number
            if seen >= rank { return min(longest, Self.last(of: place)) }
        }
        return longest
    }

    private static func place(of nanoseconds: Int64) -> Int {
        guard nanoseconds >= classesPerDoubling else { return Int(nanoseconds) }
        let shift = Int64.bitWidth - 1 - nanoseconds.leadingZeroBitCount - bits
        return shift * classesPerDoubling + Int(nanoseconds >> Int64(shift))
    }

    /// The longest duration of a class.
    private static func last(of place: Int) -> Int64 {
        guard place >= 2 * classesPerDoubling else { return Int64(place) }
        let shift = Int64(place / classesPerDoubling - 1)
        let mantissa = Int64(place % classesPerDoubling + classesPerDoubling)
        return (mantissa << shift) + ((1 << shift) - 1)
    }
}
