/// Why a request to the operating system failed. The message names the file, with the limit and the given value or the
/// system's reason; the cause is a `SystemError` where a call of the system failed.
public typealias PlatformError = CodedError<PlatformErrors>

public enum PlatformErrors: ErrorDomain {}

extension PlatformError.Code {
    /// A thread that cannot be started.
    public static var threadFailure: Self { Self("thread_failure") }
    /// A file that cannot be read, or is larger than it may be.
    public static var unreadableFile: Self { Self("unreadable_file") }
    /// A file that cannot be made or written.
    public static var unwritableFile: Self { Self("unwritable_file") }
}
