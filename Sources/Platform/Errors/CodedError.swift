/// The shape of this package's errors: a code for programs, a message for people, and the cause.
///
/// A module names its own error once and lists its codes:
///
///     /// Why a journal cannot be written.
///     public typealias JournalError = CodedError<JournalErrors>
///     public enum JournalErrors: ErrorDomain {}
///     extension JournalError.Code {
///         /// Another process writes to the file.
///         public static var locked: Self { Self("locked") }
///     }
public struct CodedError<Domain: ErrorDomain>: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure, as a word that a program can compare. More kinds may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The word itself, in lower case with underscores.
        public let name: String
        public var description: String { name }

        /// Makes a code from its name.
        public init(_ name: String) { self.name = name }
    }

    /// The kind of failure.
    public let code: Code
    /// A sentence that names the limit and the given value.
    public let message: String
    /// What the error is about, where a program may want to know: the field of a request, the path of a file.
    public internal(set) var subject: String?
    /// The error that caused this one, if there is one.
    public let cause: (any Error)?

    /// Makes an error from its parts.
    public init(_ code: Code, _ message: String, subject: String? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.subject = subject
        self.cause = cause
    }

    /// The text for a user.
    public var description: String { Domain.text(of: self) }

    /// This error with its subject.
    package func about(_ subject: String) -> Self {
        var error = self
        error.subject = subject
        return error
    }

    /// Two errors are equal if code, message and subject are; the cause is not compared.
    public static func == (a: Self, b: Self) -> Bool {
        a.code == b.code && a.message == b.message && a.subject == b.subject
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
        hasher.combine(message)
        hasher.combine(subject)
    }
}

/// Separates the errors of one module from the errors of others.
public protocol ErrorDomain {
    /// How an error is shown to a user; the message alone unless a module shows more.
    static func text(of error: CodedError<Self>) -> String
}

extension ErrorDomain {
    public static func text(of error: CodedError<Self>) -> String { error.message }
}
