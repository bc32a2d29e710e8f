extension Quantities {
    private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

    /// A number of bytes in the largest binary unit in which the value is at least 1: `512 B`, `1.5 KiB`, `256.0 MiB`.
    package static func bytes(_ count: Int) -> String {
        guard count.magnitude >= 1024 else { return "\(count) B" }
        var value = Double(count)
        var unit = 0
        // 1023.95 would round to 1024.0 of the smaller unit.
        while value.magnitude >= 1023.95, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return fixed(value, digits: 1) + " " + units[unit]
    }

    /// Reads a size: a whole number of bytes, or one followed by `B`, `KiB`, `MiB`, `GiB` or `TiB` (in any case, with
    /// or without a space): `256MiB`, `2GiB`, `1000000`.
    ///
    /// Throws `malformedSize` for any other text and `sizeTooLarge` for a size that an `Int` cannot count. `MB` and
    /// `GB` are refused rather than guessed, since some programs read them as powers of ten and others as powers of
    /// two.
    package static func parseBytes(_ text: String) throws(ReportingError) -> Int {
        let digits = text.prefix { $0.isASCII && $0.isWholeNumber }
        let unit = String(text.dropFirst(digits.count).drop { $0 == " " })
        let shift: Int
        switch unit.lowercased() {
        case "", "b": shift = 0
        case "kib": shift = 10
        case "mib": shift = 20
        case "gib": shift = 30
        case "tib": shift = 40
        default: throw malformed(text)
        }
        guard !digits.isEmpty else { throw malformed(text) }
        guard let count = Int(digits) else { throw tooLarge(text) }
        let (size, overflow) = count.multipliedReportingOverflow(by: 1 << shift)
        guard !overflow else { throw tooLarge(text) }
        return size
    }

    private static func malformed(_ text: String) -> ReportingError {
        ReportingError(
            .malformedSize,
            "a size is a whole number of bytes, or one with B, KiB, MiB, GiB or TiB, such as 256MiB; "
                + "given: '\(text)'")
    }

    private static func tooLarge(_ text: String) -> ReportingError {
        ReportingError(.sizeTooLarge, "a size is at most \(Int.max) bytes; given: '\(text)'")
    }
}
