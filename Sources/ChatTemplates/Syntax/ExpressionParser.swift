/// Parses the expressions of a template's tags.
final class ExpressionParser {
    private let tokens: TokenReader
    /// The names of `TemplateMacro.extras` that occurred since the innermost macro began.
    private var extras: Set<String> = []
    /// Filters and tests in the current expression that do not exist.
    private var unknownNames: [(message: String, line: Int)] = []

    init(_ tokens: TokenReader) { self.tokens = tokens }

    /// Parses an expression, or several expressions with commas between them as a tuple.
    func tupleOrExpression(allowsConditional: Bool = true) throws -> TemplateExpression {
        let first = try allowsConditional ? expression() : disjunction()
        guard tokens.isSymbol(",") else { return first }
        var items = [first]
        while tokens.take(symbol: ",") {
            if isTupleEnd { break }
            try items.append(allowsConditional ? expression() : disjunction())
        }
        return .tuple(items)
    }

    private var isTupleEnd: Bool {
        tokens.current.kind == .outputEnd || tokens.current.kind == .blockEnd || tokens.isSymbol(")")
    }

    func expression() throws -> TemplateExpression {
        try tokens.nested {
            let known = unknownNames.count
            var value = try disjunction()
            while tokens.take(name: "if") {
                try tokens.addLink()
                let condition = try disjunction()
                let otherwise = tokens.take(name: "else") ? try expression() : nil
                value = .conditional(condition: condition, then: value, otherwise: otherwise)
                unknownNames.removeSubrange(known...)
            }
            return value
        }
    }

    /// Runs `parse`.
    /// - Returns: the result of `parse`, and the names of `TemplateMacro.extras` that occurred in it.
    func namingExtras<Result>(_ parse: () throws -> Result) rethrows -> (result: Result, extras: Set<String>) {
        let outer = extras
        extras = []
        defer { extras.formUnion(outer) }
        return (try parse(), extras)
    }

    /// Forgets the filters and tests that do not exist.
    /// - Returns: the first of these.
    func takeUnknownName() -> (message: String, line: Int)? {
        defer { unknownNames = [] }
        return unknownNames.first
    }

    // MARK: - Operators

    private func disjunction() throws -> TemplateExpression {
        var left = try conjunction()
        while tokens.take(name: "or") {
            try tokens.addLink()
            left = try .or(left, conjunction())
        }
        return left
    }

    private func conjunction() throws -> TemplateExpression {
        var left = try negation()
        while tokens.take(name: "and") {
            try tokens.addLink()
            left = try .and(left, negation())
        }
        return left
    }

    private func negation() throws -> TemplateExpression {
        guard tokens.isName("not") else { return try comparison() }
        return try tokens.nested {
            tokens.advance()
            return try .not(negation())
        }
    }

    private func comparison() throws -> TemplateExpression {
        let first = try sum()
        var rest: [(operation: ComparisonOperator, operand: TemplateExpression)] = []
        while let operation = comparisonOperator() { try rest.append((operation, sum())) }
        return rest.isEmpty ? first : .comparison(first, rest)
    }

    private func comparisonOperator() -> ComparisonOperator? {
        if tokens.take(name: "in") { return .isIn }
        if tokens.isName("not"), tokens.nextIsName("in") {
            tokens.advance()
            tokens.advance()
            return .isNotIn
        }
        guard case .symbol(let symbol) = tokens.current.kind, let operation = ComparisonOperator(rawValue: symbol)
        else {
            return nil
        }
        tokens.advance()
        return operation
    }

    private func sum() throws -> TemplateExpression { try chain(of: ["+", "-"], operand: concatenation) }

    private func concatenation() throws -> TemplateExpression {
        var parts = try [product()]
        while tokens.take(symbol: "~") { try parts.append(product()) }
        return parts.count == 1 ? parts[0] : .concatenation(parts)
    }

    private func product() throws -> TemplateExpression { try chain(of: ["*", "/", "//", "%"], operand: power) }

    private func power() throws -> TemplateExpression { try chain(of: ["**"]) { try unary() } }

    /// Parses operands with operators of the same precedence between them, from the left.
    private func chain(
        of symbols: Set<String>, operand: () throws -> TemplateExpression
    ) throws -> TemplateExpression {
        var left = try operand()
        while case .symbol(let symbol) = tokens.current.kind, symbols.contains(symbol),
            let operation = ArithmeticOperator(rawValue: symbol)
        {
            try tokens.addLink()
            tokens.advance()
            left = try .arithmetic(left, operation, operand())
        }
        return left
    }

    private func unary(allowsFilters: Bool = true) throws -> TemplateExpression {
        var value: TemplateExpression
        if tokens.isSymbol("-") || tokens.isSymbol("+") {
            let isNegative = tokens.isSymbol("-")
            value = try tokens.nested {
                tokens.advance()
                let operand = try unary(allowsFilters: false)
                return isNegative ? .negative(operand) : .positive(operand)
            }
        } else {
            value = try primary()
        }
        value = try postfix(value)
        return allowsFilters ? try filtersAndTests(value) : value
    }

    // MARK: - Primaries

    private func primary() throws -> TemplateExpression {
        switch tokens.current.kind {
        case .name(let name):
            tokens.advance()
            switch name {
            case "true", "True": return .bool(true)
            case "false", "False": return .bool(false)
            case "none", "None": return .none
            default:
                if TemplateMacro.extras.contains(name) { extras.insert(name) }
                return .name(name)
            }
        case .string(var text):
            tokens.advance()
            while case .string(let more) = tokens.current.kind {
                text += more
                tokens.advance()
            }
            return .string(TemplateString(template: text))
        case .integer(let value):
            tokens.advance()
            return .integer(value)
        case .number(let value):
            tokens.advance()
            return .number(value)
        case .symbol("("): return try tokens.nested(parenthesised)
        case .symbol("["): return try tokens.nested(list)
        case .symbol("{"): return try tokens.nested(mapping)
        default: throw tokens.error("expected a value, found \(tokens.current.description)")
        }
    }

    private func parenthesised() throws -> TemplateExpression {
        tokens.advance()
        if tokens.take(symbol: ")") { return .tuple([]) }
        let value = try tupleOrExpression()
        try tokens.expect(symbol: ")")
        return value
    }

    private func list() throws -> TemplateExpression {
        tokens.advance()
        var items: [TemplateExpression] = []
        while !tokens.isSymbol("]") {
            if !items.isEmpty { try tokens.expect(symbol: ",") }
            if tokens.isSymbol("]") { break }
            try items.append(expression())
        }
        tokens.advance()
        return .list(items)
    }

    private func mapping() throws -> TemplateExpression {
        tokens.advance()
        var members: [(key: TemplateExpression, value: TemplateExpression)] = []
        while !tokens.isSymbol("}") {
            if !members.isEmpty { try tokens.expect(symbol: ",") }
            if tokens.isSymbol("}") { break }
            let key = try expression()
            try tokens.expect(symbol: ":")
            try members.append((key, expression()))
        }
        tokens.advance()
        return .mapping(members)
    }

    // MARK: - What follows a primary

    private func postfix(_ start: TemplateExpression) throws -> TemplateExpression {
        var value = start
        while true {
            if tokens.take(symbol: ".") {
                value = try attribute(of: value)
            } else if tokens.take(symbol: "[") {
                value = try tokens.nested { try element(of: value) }
            } else if tokens.isSymbol("(") {
                value = try .call(value, arguments())
            } else {
                return value
            }
            try tokens.addLink()
        }
    }

    private func attribute(of value: TemplateExpression) throws -> TemplateExpression {
        if case .integer(let index) = tokens.current.kind {
            tokens.advance()
            return .element(value, .integer(index))
        }
        let name = try tokens.expectName()
        return .attribute(value, TemplateString(template: name), name: name)
    }

    private func element(of value: TemplateExpression) throws -> TemplateExpression {
        var parts: [TemplateExpression?] = [nil]
        while !tokens.isSymbol("]") {
            if tokens.take(symbol: ":") {
                parts.append(nil)
                guard parts.count <= 3 else { throw tokens.error("a slice has at most three parts") }
            } else {
                guard parts[parts.count - 1] == nil else {
                    throw tokens.error("expected ']', found \(tokens.current.description)")
                }
                parts[parts.count - 1] = try expression()
            }
        }
        tokens.advance()
        if parts.count == 1 {
            guard let index = parts[0] else { throw tokens.error("an index is missing") }
            return .element(value, index)
        }
        return .slice(value, start: parts[0], stop: parts[1], step: parts.count > 2 ? parts[2] : nil)
    }

    private func filtersAndTests(_ start: TemplateExpression) throws -> TemplateExpression {
        var value = start
        while true {
            if tokens.take(symbol: "|") {
                value = try .filter(value, filter())
            } else if tokens.take(name: "is") {
                value = try test(value)
            } else if tokens.isSymbol("(") {
                value = try .call(value, arguments())
            } else {
                return value
            }
            try tokens.addLink()
        }
    }

    func filter() throws -> TemplateFilter {
        let name = try dottedName()
        if !TemplateFilters.has(name) { unknownNames.append(("there is no filter '\(name)'", tokens.line)) }
        return try TemplateFilter(name: name, arguments: tokens.isSymbol("(") ? arguments() : TemplateArguments())
    }

    /// Parses a filter's or a test's name, which may contain dots.
    private func dottedName() throws -> String {
        var name = try tokens.expectName()
        while tokens.take(symbol: ".") { name += try "." + tokens.expectName() }
        return name
    }

    private func test(_ value: TemplateExpression) throws -> TemplateExpression {
        let isNegated = tokens.take(name: "not")
        let name = try dottedName()
        if !TemplateTests.has(name) { unknownNames.append(("there is no test '\(name)'", tokens.line)) }
        var arguments = TemplateArguments()
        if tokens.isSymbol("(") {
            arguments = try self.arguments()
        } else if startsTestArgument {
            if tokens.isName("is") { throw tokens.error("tests cannot be chained") }
            let operand = try primary()
            try arguments.positional.append(postfix(operand))
        }
        let test = TemplateExpression.test(value, name: name, arguments)
        return isNegated ? .not(test) : test
    }

    private var startsTestArgument: Bool {
        switch tokens.current.kind {
        case .name(let name): name != "else" && name != "or" && name != "and"
        case .string, .integer, .number, .symbol("["), .symbol("{"): true
        default: false
        }
    }

    // MARK: - Arguments

    /// Parses `(a, b, name=c, *d, **e)`.
    private func arguments() throws -> TemplateArguments {
        try tokens.nested {
            var arguments = TemplateArguments()
            try tokens.expect(symbol: "(")
            var isFirst = true
            while !tokens.isSymbol(")") {
                if !isFirst { try tokens.expect(symbol: ",") }
                isFirst = false
                if tokens.isSymbol(")") { break }
                if try spread(&arguments) { continue }
                if case .name(let name) = tokens.current.kind, tokens.nextIsSymbol("=") {
                    guard arguments.namedSpread == nil else { throw tokens.error("an argument follows '**'") }
                    tokens.advance()
                    tokens.advance()
                    try arguments.named.append((name, expression()))
                } else {
                    guard arguments.named.isEmpty, arguments.spread == nil, arguments.namedSpread == nil else {
                        throw tokens.error("a positional argument follows a named or spread one")
                    }
                    try arguments.positional.append(expression())
                }
            }
            tokens.advance()
            return arguments
        }
    }

    /// Parses `*items` or `**members`; returns false if neither comes next.
    private func spread(_ arguments: inout TemplateArguments) throws -> Bool {
        let isNamed = tokens.isSymbol("**")
        guard isNamed || tokens.isSymbol("*") else { return false }
        guard arguments.namedSpread == nil, isNamed || arguments.spread == nil else {
            throw tokens.error("an argument follows '**', or a second '*'")
        }
        tokens.advance()
        if isNamed {
            arguments.namedSpread = try expression()
        } else {
            arguments.spread = try expression()
        }
        return true
    }
}
