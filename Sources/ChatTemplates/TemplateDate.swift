/// A moment for `strftime_now`. Templates read no clock: the caller passes the time.
public struct TemplateDate: Sendable, Hashable {
    public var year: Int
    /// 1 to 12.
    public var month: Int
    /// 1 to 31.
    public var day: Int
    public var hour: Int
    public var minute: Int
    public var second: Int

    public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    var isValid: Bool {
        (1...9999).contains(year) && (1...12).contains(month) && (1...31).contains(day) && (0...23).contains(hour)
            && (0...59).contains(minute) && (0...60).contains(second)
    }

    /// Days before the month in a common year.
    private var daysBeforeMonth: Int { [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month - 1] }

    private var isLeapYear: Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private var dayOfYear: Int { daysBeforeMonth + day + (isLeapYear && month > 2 ? 1 : 0) }

    /// The day of the week; 0 is Sunday.
    private var weekday: Int {
        let before = year - 1
        return (before * 365 + before / 4 - before / 100 + before / 400 + dayOfYear) % 7
    }

    /// The date written by a format of C's `strftime`, in the C locale; nil for an unknown directive. Needs `isValid`.
    func formatted(_ format: String) -> String? {
        var result = ""
        var rest = format.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "%" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            var isPadded = true
            if rest.first == "-" {
                isPadded = false
                rest.removeFirst()
            }
            guard let directive = rest.popFirst(), let field = field(directive, isPadded: isPadded) else { return nil }
            result += field
        }
        return result
    }

    private func field(_ directive: Unicode.Scalar, isPadded: Bool) -> String? {
        func number(_ value: Int, _ width: Int = 2, pad: String = "0") -> String {
            let digits = String(value)
            return isPadded ? String(repeating: pad, count: max(0, width - digits.count)) + digits : digits
        }
        switch directive {
        case "Y": return String(year)
        case "y": return number(year % 100)
        case "m": return number(month)
        case "d": return number(day)
        case "e": return number(day, pad: " ")
        case "H": return number(hour)
        case "I": return number((hour + 11) % 12 + 1)
        case "M": return number(minute)
        case "S": return number(second)
        case "j": return number(dayOfYear, 3)
        case "p": return hour < 12 ? "AM" : "PM"
        case "B": return Self.months[month - 1]
        case "b", "h": return String(Self.months[month - 1].prefix(3))
        case "A": return Self.weekdays[weekday]
        case "a": return String(Self.weekdays[weekday].prefix(3))
        case "w": return String(weekday)
        case "F": return formatted("%Y-%m-%d")
        case "T": return formatted("%H:%M:%S")
        case "D": return formatted("%m/%d/%y")
        case "R": return formatted("%H:%M")
        case "n": return "\n"
        case "t": return "\t"
        case "%": return "%"
        default: return nil
        }
    }
}
