import CKernels
import Platform

/// Seconds of one unit of work, over some samples.
struct KernelTiming: Sendable, Hashable {
    let median: Double
    let best: Double
}

/// Times the work of a team, in samples that are long enough for the clock.
struct KernelTimer {
    let team: ThreadTeam
    let repeats: Int
    let sampleSeconds: Double
    private let clock = ContinuousClock()

    init(team: ThreadTeam, repeats: Int, sampleSeconds: Double) {
        self.team = team
        self.repeats = repeats
        self.sampleSeconds = sampleSeconds
    }

    /// Seconds per unit, over the units of all members, when every member does the same number of units at the same
    /// time.
    /// - Parameter body: does `units` units on a member; called on all members at once.
    func measure(_ body: @escaping (_ member: Int, _ units: Int) -> Void) -> KernelTiming {
        var units = 1
        var seconds = time(units, body)
        while seconds < sampleSeconds * 0.75, units < 1 << 40 {
            // At most tenfold: the first call may have been slow for unrelated reasons.
            let wanted = seconds > 0 ? Double(units) * min(10, 1.1 * sampleSeconds / seconds) : Double(units) * 10
            units = max(units + 1, Int(wanted))
            seconds = time(units, body)
        }
        let samples = (0..<repeats).map { _ in time(units, body) }.sorted()
        let all = Double(units * team.count)
        // Above 0 even if the clock does not advance.
        return KernelTiming(median: max(1e-12, samples[samples.count / 2] / all), best: max(1e-12, samples[0] / all))
    }

    private func time(_ units: Int, _ body: @escaping (Int, Int) -> Void) -> Double {
        clock.measure { team.run { body($0, units) } }.seconds
    }

    /// Measures the register loops of a set, on all members at once.
    func ceilings(of set: NamedKernels, memory: (one: Double, all: Double)) -> KernelCeilings {
        let loops = tw_ceilings_of(set.pointer)?.pointee
        func speed(_ loop: (@convention(c) (Int64) -> Int64)?) -> Double? {
            guard let loop else { return nil }
            let rounds = 1000
            let operations = Double(loop(Int64(rounds)))
            return operations / measure { _, units in _ = loop(Int64(units * rounds)) }.best
        }
        return KernelCeilings(
            kernels: set.name, f32: speed(loops?.f32), int8: speed(loops?.int8), int4: speed(loops?.int4),
            memoryOfOne: memory.one, memory: memory.all)
    }

    /// Bytes a second that one thread reads from memory, and that all members together read.
    func memoryCeiling(bytes: Int) -> (one: Double, all: Double) {
        let memory = KernelMemory(byteCount: bytes)
        func speed(_ timer: KernelTimer) -> Double {
            // A unit is 64 KiB; each member walks over its own part again and again.
            let unit = 64 << 10
            let own = max(1, bytes / unit / timer.team.count)
            let places = (0..<timer.team.count).map { _ in KernelCursor() }
            let timing = timer.measure { member, units in
                places[member].walk(units, of: own) { range in
                    _ = tw_read(memory.base + (member * own + range.lowerBound) * unit, Int64(range.count * unit))
                }
            }
            return Double(unit) / timing.best
        }
        let all = speed(self)
        guard team.count > 1, let single = try? ThreadTeam(count: 1) else { return (all, all) }
        return (speed(KernelTimer(team: single, repeats: repeats, sampleSeconds: sampleSeconds)), all)
    }
}

/// A member's position in its part of the data, which it walks through in a circle.
final class KernelCursor: @unchecked Sendable {
    // Unchecked: belongs to one member of the team.
    private var next = 0

    /// Calls `body` with consecutive ranges of 0 ..< count, `units` units in all.
    /// - Parameter most: the most units of one call.
    func walk(_ units: Int, of count: Int, most: Int = .max, _ body: (Range<Int>) -> Void) {
        var left = units
        while left > 0 {
            let end = next + min(left, most, count - next)
            body(next..<end)
            left -= end - next
            next = end == count ? 0 : end
        }
    }
}
