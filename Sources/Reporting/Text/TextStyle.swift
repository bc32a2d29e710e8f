/// The characters that a terminal is assumed to show.
package enum TextStyle: Sendable, Hashable {
    /// Block elements, rules and thin spaces.
    case unicode
    /// Printable ASCII only, except in text that the user supplied.
    case ascii

    /// Chooses by the locale, in the order in which POSIX consults the variables: the first of `LC_ALL`, `LC_CTYPE` and
    /// `LANG` that is set and not empty decides, and the style is `.unicode` if that variable names UTF-8.
    package init(lcAll: String?, lcCtype: String?, lang: String?) {
        let locale = [lcAll, lcCtype, lang].compactMap { $0 }.first { !$0.isEmpty } ?? ""
        let name = locale.lowercased()
        self = name.contains("utf-8") || name.contains("utf8") ? .unicode : .ascii
    }

    /// Between groups of three digits: a narrow no-break space, or a comma.
    package var groupSeparator: String { self == .unicode ? "\u{202F}" : "," }
    /// Between the parts of a line.
    var dot: String { self == .unicode ? " · " : " | " }
    /// Under the heading of a table.
    var rule: String { self == .unicode ? "─" : "-" }
    /// Ends a text that was cut.
    var ellipsis: String { self == .unicode ? "…" : "." }
}
