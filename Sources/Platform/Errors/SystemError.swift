#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The operating system's reason for a failed call.
public struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The number in `errno`.
    public let number: Int32

    package init(_ number: Int32) { self.number = number }

    /// The failure of the last call.
    package static var last: SystemError { SystemError(errno) }
    /// A directory where a file is needed.
    package static var isDirectory: SystemError { SystemError(EISDIR) }

    /// The system's text, such as `No space left on device`.
    public var description: String { String(cString: strerror(number)) }

    /// Repeats a call for as long as a signal interrupts it.
    package static func repeating<Count: SignedInteger>(_ call: () -> Count) -> Count {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }
}

extension PlatformError {
    /// An error whose message ends in the system's reason.
    package init(_ code: Code, _ what: String, _ cause: SystemError) {
        self.init(code, "\(what): \(cause)", cause: cause)
    }

    /// This error with another code and message; the system's reason, if there is one, stays.
    package func saying(_ code: Code, _ what: String) -> PlatformError {
        guard let cause = cause as? SystemError else { return PlatformError(code, message) }
        return PlatformError(code, what, cause)
    }
}
