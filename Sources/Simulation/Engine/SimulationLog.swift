import Platform
import Scheduling

/// The events of a simulation as text: one line per event, in order, each ended by a line feed. Equal worlds give equal
/// bytes in any process.
///
/// A line begins with the time in nanoseconds: `1500 begin stage=0 batch=3 layers`.
public struct SimulationLog: Sendable, Hashable {
    /// How much of the log is kept.
    public enum Level: String, Sendable, Hashable, CaseIterable {
        case off
        /// The digest alone, for comparing long runs.
        case digest
        /// The digest and the text.
        case text
    }
    public let level: Level
    /// UTF-8; empty below level `text`.
    public private(set) var bytes: [UInt8] = []
    /// The 64-bit FNV-1a hash of all bytes so far, kept or not; at level `off`, the hash of no bytes.
    package private(set) var digest = Fingerprint()
    private var line: [UInt8] = []

    package init(_ level: Level) { self.level = level }

    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Adds an event with named numbers, and words behind them.
    package mutating func add(
        _ event: StaticString, at time: Instant, _ numbers: @autoclosure () -> [(StaticString, Int)],
        words: @autoclosure () -> String = ""
    ) {
        guard level != .off else { return }
        line.removeAll(keepingCapacity: true)
        append(Int(time.nanoseconds))
        append(" ")
        append(event)
        for (name, value) in numbers() {
            append(" ")
            append(name)
            append("=")
            append(value)
        }
        let words = words()
        if !words.isEmpty {
            append(" ")
            line.append(contentsOf: words.utf8)
        }
        append("\n")
        for byte in line { digest.add(byte) }
        if level == .text { bytes.append(contentsOf: line) }
    }

    /// Adds the dispatch of a micro-batch, with a fingerprint of the whole micro-batch.
    package mutating func addDispatch(_ batch: MicroBatch, at time: Instant) {
        add(
            "dispatch", at: time,
            [("batch", batch.id.rawValue), ("slices", batch.slices.count), ("tokens", batch.tokenCount)],
            words: "\(batch.phase.rawValue) \(Fingerprint(of: batch))")
    }

    private mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { line.append(contentsOf: $0) }
    }

    private mutating func append(_ number: Int) {
        if number < 0 { append("-") }
        let start = line.count
        var rest = number.magnitude
        repeat {
            line.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        line[start...].reverse()
    }
}

extension Fingerprint {
    /// The fingerprint of a micro-batch: its requests, positions and blocks.
    fileprivate init(of batch: MicroBatch) {
        self.init()
        for slice in batch.slices {
            add(slice.request.rawValue)
            add(slice.start)
            add(slice.tokens.count)
            for block in slice.blocks { add(Int(block)) }
        }
    }
}
