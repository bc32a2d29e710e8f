#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The process's two streams of text.
package enum StandardStream: Sendable {
    case output, error

    private var descriptor: CInt { self == .output ? STDOUT_FILENO : STDERR_FILENO }

    /// Writes what the stream takes; a closed pipe ends the output, not the run.
    package func write(_ text: String) {
        var text = text
        text.withUTF8 { _ = writeAll(UnsafeRawBufferPointer($0), to: descriptor) }
    }

    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Characters in a line of the terminal; nil if the stream is no terminal, or does not report its width.
    package var columns: Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}

/// The variables of the process's environment.
package enum Environment {
    /// The variable's value; nil if it is not set.
    package static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
