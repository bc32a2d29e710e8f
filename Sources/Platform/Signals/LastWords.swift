#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The text that the process writes when a failed precondition ends it: such a failure is a finding of the fuzzer too,
/// and its seed must be known.
package enum LastWords {
    private static let room = 256
    // A signal handler may not allocate, so the bytes to write are prepared in advance.
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
                // The trap is raised again, and the default action now ends the process.
                signal(number, SIG_DFL)
            }
        }
    }
}
