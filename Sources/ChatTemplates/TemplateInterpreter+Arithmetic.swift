import Foundation

extension TemplateInterpreter {
    /// `left operation right`, as Python does it; integers are bounded by 64 bits.
    func calculate(
        _ left: RuntimeValue, _ operation: ArithmeticOperator, _ right: RuntimeValue
    ) throws -> RuntimeValue {
        if operation == .modulo, case .string(let pattern) = left { return try format(pattern, percent: right) }
        for case .undefined(let message) in [left, right] { throw ChatTemplateError.template(message) }
        if let a = left.asInteger, let b = right.asInteger { return try calculate(a, operation, b) }
        if let a = left.asNumber, let b = right.asNumber { return try calculate(a, operation, b) }
        switch (operation, left, right) {
        case (.add, .string(let a), .string(let b)):
            try charge(characters: a.count + b.count)
            return .string(a + b)
        case (.add, .list(let a), .list(let b)):
            try charge(items: a.items.count + b.items.count)
            return try .list(a.items + b.items)
        case (.add, .tuple(let a), .tuple(let b)):
            try charge(items: a.items.count + b.items.count)
            return try .tuple(a.items + b.items)
        case (.multiply, .string(let string), _), (.multiply, _, .string(let string)):
            return try .string(string.repeated(times(left, right, unit: string.count)))
        case (.multiply, .list(let list), _), (.multiply, _, .list(let list)):
            return try .list(repeated(list, left, right))
        case (.multiply, .tuple(let list), _), (.multiply, _, .tuple(let list)):
            return try .tuple(repeated(list, left, right))
        default:
            throw ChatTemplateError.template(
                "'\(operation.rawValue)' cannot be applied to \(left.kind) and \(right.kind)")
        }
    }

    private func repeated(
        _ list: RuntimeList, _ left: RuntimeValue, _ right: RuntimeValue
    ) throws -> [RuntimeValue] {
        let times = try times(left, right, unit: list.items.count)
        try charge(items: times * list.items.count)
        return Array(repeatElement(list.items, count: times).joined())
    }

    /// How often something of size `unit` is to be repeated: one of the operands; within the limits.
    private func times(_ left: RuntimeValue, _ right: RuntimeValue, unit: Int) throws -> Int {
        guard let times = left.asInteger ?? right.asInteger else {
            throw ChatTemplateError.template("'*' cannot be applied to \(left.kind) and \(right.kind)")
        }
        let count = max(0, times)
        let (size, overflows) = count.multipliedReportingOverflow(by: unit)
        try charge(characters: overflows ? Int.max : size)
        return unit == 0 ? 0 : count
    }

    private func calculate(_ a: Int, _ operation: ArithmeticOperator, _ b: Int) throws -> RuntimeValue {
        let result: (partialValue: Int, overflow: Bool)
        switch operation {
        case .add: result = a.addingReportingOverflow(b)
        case .subtract: result = a.subtractingReportingOverflow(b)
        case .multiply: result = a.multipliedReportingOverflow(by: b)
        case .divide: return try calculate(Double(a), .divide, Double(b))
        case .floorDivide, .modulo:
            guard b != 0 else { throw ChatTemplateError.template("division by zero") }
            let (quotient, overflow) = a.dividedReportingOverflow(by: b)
            let remainder = overflow ? 0 : a % b
            let isBelow = remainder != 0 && (remainder < 0) != (b < 0)
            if operation == .modulo { return .integer(isBelow ? remainder + b : remainder) }
            result = (isBelow ? quotient - 1 : quotient, overflow)
        case .power:
            guard b >= 0 else { return try calculate(Double(a), .power, Double(b)) }
            result = Self.power(a, b)
        }
        guard !result.overflow else {
            throw ChatTemplateError.template("\(a) \(operation.rawValue) \(b) exceeds 64 bits")
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

    private func calculate(_ a: Double, _ operation: ArithmeticOperator, _ b: Double) throws -> RuntimeValue {
        switch operation {
        case .add: return .number(a + b)
        case .subtract: return .number(a - b)
        case .multiply: return .number(a * b)
        case .divide, .floorDivide, .modulo:
            guard b != 0 else { throw ChatTemplateError.template("division by zero") }
            if operation == .divide { return .number(a / b) }
            var remainder = a.truncatingRemainder(dividingBy: b)
            if remainder != 0, (remainder < 0) != (b < 0) { remainder += b }
            if operation == .modulo { return .number(remainder) }
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
