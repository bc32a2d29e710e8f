import Foundation

extension ArithmeticOperator {
    /// `left operator right`, as Python does it; integers are bounded by 64 bits.
    func apply(_ left: RuntimeValue, _ right: RuntimeValue, _ budget: TemplateBudget) throws -> RuntimeValue {
        if self == .modulo, case .string(let pattern) = left {
            return try .string(PercentFormat.expand(pattern, with: right, budget))
        }
        for case .undefined(let message) in [left, right] { throw ChatTemplateError.template(message) }
        if let a = left.asInteger, let b = right.asInteger { return try calculate(a, b) }
        if let a = left.asNumber, let b = right.asNumber { return try calculate(a, b) }
        switch (self, left, right) {
        case (.add, .string(let a), .string(let b)):
            try budget.charge(characters: a.count + b.count)
            return .string(a + b)
        case (.add, .list(let a), .list(let b)):
            try budget.charge(items: a.items.count + b.items.count)
            return try .list(a.items + b.items)
        case (.add, .tuple(let a), .tuple(let b)):
            try budget.charge(items: a.items.count + b.items.count)
            return try .tuple(a.items + b.items)
        case (.multiply, .string(let string), _), (.multiply, _, .string(let string)):
            return try .string(string.repeated(Self.times(left, right, unit: string.count, budget)))
        case (.multiply, .list(let list), _), (.multiply, _, .list(let list)):
            return try .list(Self.repeated(list, left, right, budget))
        case (.multiply, .tuple(let list), _), (.multiply, _, .tuple(let list)):
            return try .tuple(Self.repeated(list, left, right, budget))
        default:
            throw ChatTemplateError.template(
                "'\(rawValue)' cannot be applied to \(left.kind) and \(right.kind)")
        }
    }

    private static func repeated(
        _ list: RuntimeList, _ left: RuntimeValue, _ right: RuntimeValue, _ budget: TemplateBudget
    ) throws -> [RuntimeValue] {
        let times = try times(left, right, unit: list.items.count, budget)
        try budget.charge(items: times * list.items.count)
        return Array(repeatElement(list.items, count: times).joined())
    }

    /// How often a value of size `unit` is to be repeated: one of the operands, checked against the limits.
    private static func times(
        _ left: RuntimeValue, _ right: RuntimeValue, unit: Int, _ budget: TemplateBudget
    ) throws -> Int {
        guard let times = left.asInteger ?? right.asInteger else {
            throw ChatTemplateError.template("'*' cannot be applied to \(left.kind) and \(right.kind)")
        }
        let count = max(0, times)
        let (size, overflows) = count.multipliedReportingOverflow(by: unit)
        try budget.charge(characters: overflows ? Int.max : size)
        return unit == 0 ? 0 : count
    }

    private func calculate(_ a: Int, _ b: Int) throws -> RuntimeValue {
        let result: (partialValue: Int, overflow: Bool)
        switch self {
        case .add: result = a.addingReportingOverflow(b)
        case .subtract: result = a.subtractingReportingOverflow(b)
        case .multiply: result = a.multipliedReportingOverflow(by: b)
        case .divide: return try calculate(Double(a), Double(b))
        case .floorDivide, .modulo:
            guard b != 0 else { throw ChatTemplateError.template("division by zero") }
            let (quotient, overflow) = a.dividedReportingOverflow(by: b)
            let remainder = overflow ? 0 : a % b
            let isBelow = remainder != 0 && (remainder < 0) != (b < 0)
            if self == .modulo { return .integer(isBelow ? remainder + b : remainder) }
            result = (isBelow ? quotient - 1 : quotient, overflow)
        case .power:
            guard b >= 0 else { return try calculate(Double(a), Double(b)) }
            result = Self.power(a, b)
        }
        guard !result.overflow else {
            throw ChatTemplateError.template("\(a) \(rawValue) \(b) exceeds 64 bits")
        }
        return .integer(result.partialValue)
    }

    private static func power(_ base: Int, _ exponent: Int) -> (partialValue: Int, overflow: Bool) {
        if base == 0 || base == 1 { return (exponent == 0 ? 1 : base, false) }
        if base == -1 { return (exponent % 2 == 0 ? 1 : -1, false) }
        guard exponent < 64 else { return (0, true) }
        var result = 1
        for _ in 0..<exponent {
            let (product, overflow) = result.multipliedReportingOverflow(by: base)
            if overflow { return (0, true) }
            result = product
        }
        return (result, false)
    }

    private func calculate(_ a: Double, _ b: Double) throws -> RuntimeValue {
        switch self {
        case .add: return .number(a + b)
        case .subtract: return .number(a - b)
        case .multiply: return .number(a * b)
        case .divide, .floorDivide, .modulo:
            guard b != 0 else { throw ChatTemplateError.template("division by zero") }
            if self == .divide { return .number(a / b) }
            var remainder = a.truncatingRemainder(dividingBy: b)
            if remainder != 0, (remainder < 0) != (b < 0) { remainder += b }
            if self == .modulo { return .number(remainder) }
            return .number(((a - remainder) / b).rounded())
        case .power:
            let isFractionOfNegative = a < 0 && b != b.rounded()
            guard !isFractionOfNegative, !(a == 0 && b < 0) else {
                throw ChatTemplateError.template("\(a) ** \(b) is no real number")
            }
            return .number(pow(a, b))
        }
    }
}

extension ComparisonOperator {
    /// Whether `left operator right` holds.
    func apply(_ left: RuntimeValue, _ right: RuntimeValue, _ budget: TemplateBudget) throws -> Bool {
        try budget.charge(work: min(left.size, right.size))
        switch self {
        case .equal: return left.isEqual(to: right)
        case .notEqual: return !left.isEqual(to: right)
        case .less: return try left.isLess(than: right)
        case .greater: return try right.isLess(than: left)
        case .lessOrEqual: return try left.isLess(than: right) || left.isEqual(to: right)
        case .greaterOrEqual: return try right.isLess(than: left) || left.isEqual(to: right)
        case .isIn, .isNotIn:
            try budget.charge(work: right.size)
            return try right.contains(left) == (self == .isIn)
        }
    }
}
