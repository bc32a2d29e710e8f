import Foundation

extension TemplateFilters {
    /// Filters that make numbers.
    static let numbers: [String: TemplateFilterFunction] = [
        "abs": { value, call in
            try call.refuseArguments()
            if case .number(let number) = value { return .number(number.magnitude) }
            let integer = try value.integer(for: call.name)
            return integer < 0
                ? try ArithmeticOperator.subtract.apply(.integer(0), value, call.budget) : .integer(integer)
        },
        "int": { value, call in
            let given = try call.bind(["default", "base"])
            let base = try given[1]?.integer(for: call.name) ?? 10
            return integer(value, base: base).map { .integer($0) } ?? given[0] ?? .integer(0)
        },
        "float": { value, call in
            let given = try call.bind(["default"])
            return number(value).map { .number($0) } ?? given[0] ?? .number(0)
        },
        "round": round,
    ]

    private static func integer(_ value: RuntimeValue, base: Int) -> Int? {
        if let integer = value.asInteger { return integer }
        if case .string(let string) = value, let integer = integer(string.trimmed(nil).text, base: base) {
            return integer
        }
        return number(value).flatMap { Int(exactly: $0.rounded(.towardZero)) }
    }

    /// An integer as Python reads it: underscores may separate digits, and the base's prefix may precede the digits.
    private static func integer(_ text: String, base: Int) -> Int? {
        guard (2...36).contains(base), let digits = withoutUnderscores(text) else { return nil }
        let prefix = [2: "0b", 8: "0o", 16: "0x"][base]
        let isNegative = digits.hasPrefix("-")
        let unsigned = digits.hasPrefix("-") || digits.hasPrefix("+") ? String(digits.dropFirst()) : digits
        guard unsigned.first?.isHexDigit ?? false || base > 16 else { return nil }
        let hasPrefix = prefix.map { unsigned.lowercased().hasPrefix($0) } ?? false
        return Int((isNegative ? "-" : "") + (hasPrefix ? String(unsigned.dropFirst(2)) : unsigned), radix: base)
    }

    private static func number(_ value: RuntimeValue) -> Double? {
        guard case .string(let string) = value else { return value.asNumber }
        // Swift also reads hexadecimal fractions, which Python does not.
        guard let text = withoutUnderscores(string.trimmed(nil).text), !text.lowercased().contains("x") else {
            return nil
        }
        return Double(text)
    }

    /// The digits without the underscores between them; nil if an underscore is not between digits.
    private static func withoutUnderscores(_ text: String) -> String? {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return text }
        for (left, right) in zip(parts, parts.dropFirst()) {
            guard left.last?.isHexDigit ?? false, right.first?.isHexDigit ?? false else { return nil }
        }
        return parts.joined()
    }

    @Sendable private static func round(_ value: RuntimeValue, _ call: TemplateCall) throws -> RuntimeValue {
        let given = try call.bind(["precision", "method"])
        let precision = try given[0]?.integer(for: call.name) ?? 0
        let method = try given[1]?.string(for: call.name).text ?? "common"
        guard (0...300).contains(precision), let number = value.asNumber else {
            throw ChatTemplateError.template("'round' needs a number and a precision of 0 to 300, not \(precision)")
        }
        switch method {
        case "common":
            if let integer = value.asInteger { return .integer(integer) }
            guard number.isFinite else { return .number(number) }
            // Formatting rounds the exact value half to even, as Python does.
            return .number(Double(String(format: "%.\(precision)f", number)) ?? number)
        case "ceil", "floor":
            let scale = pow(10, Double(precision))
            return .number((number * scale).rounded(method == "ceil" ? .up : .down) / scale)
        default:
            throw ChatTemplateError.template("'round' knows the methods common, ceil and floor, not '\(method)'")
        }
    }
}
