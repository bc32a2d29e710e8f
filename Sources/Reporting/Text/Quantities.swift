/// Numbers as people read them: grouped digits, byte sizes, durations, rates.
///
/// Nothing here depends on a locale: a figure is written the same way on every machine. The decimal sign is a point.
package enum Quantities {
    /// `value` with exactly `digits` digits after the point, rounded half away from zero: `fixed(2.345, digits: 1)` is
    /// `2.3`. A value that is not finite, or too large for 15 digits, is written as Swift writes it.
    package static func fixed(_ value: Double, digits: Int) -> String {
        let digits = max(0, min(9, digits))
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        guard value.isFinite, value.magnitude * scale < 1e15 else { return "\(value)" }
        let scaled = Int((value.magnitude * scale).rounded(.toNearestOrAwayFromZero))
        let sign = value < 0 && scaled > 0 ? "-" : ""
        let divisor = Int(scale)
        guard digits > 0 else { return sign + String(scaled) }
        let fraction = String(scaled % divisor)
        return sign + String(scaled / divisor) + "." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// `value` with its digits in groups of three: `1 234 567`, with thin spaces unless another separator is given.
    /// Numbers of four digits are grouped too, so that columns line up.
    package static func grouped(_ value: Int, separator: String = TextStyle.unicode.groupSeparator) -> String {
        let digits = Array(String(value.magnitude))
        var text = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += separator }
            text.append(digit)
        }
        return text
    }

    /// `value` with about three significant digits: `0.41`, `4.12`, `41.2`, `412`, `41 234`.
    package static func number(_ value: Double, separator: String = TextStyle.unicode.groupSeparator) -> String {
        switch value.magnitude {
        case ..<9.995: return fixed(value, digits: 2)
        case ..<99.95: return fixed(value, digits: 1)
        case ..<1e15: return grouped(Int(value.rounded(.toNearestOrAwayFromZero)), separator: separator)
        default: return "\(value)"
        }
    }

    /// A number per second: `412 tok/s`.
    package static func rate(
        _ perSecond: Double, unit: String, separator: String = TextStyle.unicode.groupSeparator
    ) -> String {
        number(perSecond, separator: separator) + " " + unit + "/s"
    }

    /// A share of one as a percentage: `percent(0.374)` is `37 %`.
    package static func percent(_ share: Double, digits: Int = 0) -> String {
        fixed(share * 100, digits: digits) + " %"
    }

    /// A time on a clock, rounded to seconds: `0:08`, `12:30`, `3:05:00`. Negative durations count as zero.
    package static func clock(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e12 else { return "-:--" }
        let total = Int(max(0, seconds).rounded())
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let (hours, minutes) = (total / 3600, total / 60 % 60)
        return (hours > 0 ? "\(hours):" + two(minutes) : "\(minutes)") + ":" + two(total % 60)
    }

    /// A duration with the unit that suits it: `850 ns`, `12.3 µs`, `4.56 ms`, `78.9 s`, `12 min 30 s`, `3 h 5 min`.
    /// ASCII style writes `us` for microseconds.
    package static func duration(_ seconds: Double, style: TextStyle = .unicode) -> String {
        let size = seconds.magnitude
        guard seconds.isFinite, size < 1e12 else { return "\(seconds) s" }
        switch size {
        case 0: return "0 s"
        case ..<0.9995e-6: return fixed(seconds * 1e9, digits: 0) + " ns"
        case ..<0.9995e-3: return number(seconds * 1e6) + (style == .unicode ? " µs" : " us")
        case ..<0.9995: return number(seconds * 1e3) + " ms"
        case ..<119.5: return number(seconds) + " s"
        default: break
        }
        let total = Int(size.rounded())
        let sign = seconds < 0 ? "-" : ""
        if total < 7200 { return sign + "\(total / 60) min \(total % 60) s" }
        return sign + "\(total / 3600) h \(total / 60 % 60) min"
    }
}
