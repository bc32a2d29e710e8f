import Platform

/// Why a value could not be read or a report could not be made.
package typealias ReportingError = CodedError<ReportingErrors>

package enum ReportingErrors: ErrorDomain {
    package static func text(of error: ReportingError) -> String { "\(error.code): \(error.message)" }
}

extension ReportingError.Code {
    /// The text is not a whole number of bytes with a known unit.
    package static var malformedSize: Self { Self("malformed size") }
    /// The size has more bytes than an `Int` can count.
    package static var sizeTooLarge: Self { Self("size too large") }
}
