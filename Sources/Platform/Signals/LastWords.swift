#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the process says when a failed precondition ends it: that is a finding too, and its seed must be known.
package enum LastWords {
    private static let room = 256
    // The signal's handler may do no more than write bytes that lie ready.
    nonisolated(unsafe) private static let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: room)
    nonisolated(unsafe) private static let count = {
        let count = UnsafeMutablePointer<Int>.allocate(capacity: 1)
        count.initialize(to: 0)
        return count
    }()

    package static func prepare(_ text: String) {
        count.pointee = 0
        for (index, byte) in text.utf8.prefix(room).enumerated() { bytes[index] = byte }
        count.pointee = min(room, text.utf8.count)
    }

    /// Traps end in SIGILL on x86 and in SIGTRAP on ARM.
    package static func install() {
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
