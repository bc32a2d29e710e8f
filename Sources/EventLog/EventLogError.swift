import Platform

/// Why an event log cannot be read, or does not agree with the core.
package typealias EventLogError = CodedError<EventLogErrors>

package enum EventLogErrors: ErrorDomain {
    package static func text(of error: EventLogError) -> String { "\(error.code): \(error.message)" }
}

extension EventLogError.Code {
    /// A text that is not an event log; the message names the line and the field.
    package static var malformedText: Self { Self("malformed_text") }
    /// A setting outside its limits.
    package static var invalidSetting: Self { Self("invalid_setting") }
    /// A name of no known policy.
    package static var unknownName: Self { Self("unknown_name") }
    /// The accounts of the scheduling core do not agree: a bug in it.
    package static var integrity: Self { Self("integrity") }
}
