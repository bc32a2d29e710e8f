extension TemplateParser {
    static let constants: Set<String> = ["true", "True", "false", "False", "none", "None"]

    /// Parses an expression, or several with commas as a tuple.
    mutating func tupleOrExpression(allowsConditional: Bool = true) throws -> TemplateExpression {
        let first = try allowsConditional ? expression() : disjunction()
        guard isSymbol(",") else { return first }
        var items = [first]
        while take(symbol: ",") {
            if isTupleEnd { break }
            try items.append(allowsConditional ? expression() : disjunction())
        }
        return .tuple(items)
    }

    private var isTupleEnd: Bool { current.kind == .outputEnd || current.kind == .blockEnd || isSymbol(")") }

    mutating func expression() throws -> TemplateExpression {
        try nested { parser in
            let known = parser.unknownNames.count
            var value = try parser.disjunction()
            while parser.take(name: "if") {
                try parser.addLink()
                let condition = try parser.disjunction()
                let otherwise = parser.take(name: "else") ? try parser.expression() : nil
                value = .conditional(condition: condition, then: value, otherwise: otherwise)
                parser.unknownNames.removeSubrange(known...)
            }
            return value
        }
    }

    private mutating func disjunction() throws -> TemplateExpression {
        var left = try conjunction()
        while take(name: "or") {
            try addLink()
            left = try .or(left, conjunction())
        }
        return left
    }

    private mutating func conjunction() throws -> TemplateExpression {
        var left = try negation()
        while take(name: "and") {
            try addLink()
            left = try .and(left, negation())
        }
        return left
    }

    private mutating func negation() throws -> TemplateExpression {
        guard isName("not") else { return try comparison() }
        return try nested { parser in
            parser.advance()
            return try .not(parser.negation())
        }
    }

    private mutating func comparison() throws -> TemplateExpression {
        let first = try sum()
        var rest: [(operation: ComparisonOperator, operand: TemplateExpression)] = []
        while let operation = comparisonOperator() { try rest.append((operation, sum())) }
        return rest.isEmpty ? first : .comparison(first, rest)
    }

    private mutating func comparisonOperator() -> ComparisonOperator? {
        if take(name: "in") { return .isIn }
        if isName("not"), nextIsName("in") {
            advance()
            advance()
            return .isNotIn
        }
        guard case .symbol(let symbol) = current.kind, let operation = ComparisonOperator(rawValue: symbol) else {
            return nil
        }
        advance()
        return operation
    }

    private mutating func sum() throws -> TemplateExpression {
        try chain(of: ["+", "-"]) { try $0.concatenation() }
    }

    private mutating func concatenation() throws -> TemplateExpression {
        var parts = try [product()]
        while take(symbol: "~") { try parts.append(product()) }
        return parts.count == 1 ? parts[0] : .concatenation(parts)
    }

    private mutating func product() throws -> TemplateExpression {
        try chain(of: ["*", "/", "//", "%"]) { try $0.power() }
    }

    private mutating func power() throws -> TemplateExpression {
        try chain(of: ["**"]) { try $0.unary() }
    }

    /// Parses operands with operators of one rank between, from the left.
    private mutating func chain(
        of symbols: Set<String>, operand: (inout TemplateParser) throws -> TemplateExpression
    ) throws -> TemplateExpression {
        var left = try operand(&self)
        while case .symbol(let symbol) = current.kind, symbols.contains(symbol),
            let operation = ArithmeticOperator(rawValue: symbol)
        {
            try addLink()
            advance()
            left = try .arithmetic(left, operation, operand(&self))
        }
        return left
    }

    private mutating func unary(allowsFilters: Bool = true) throws -> TemplateExpression {
        var value: TemplateExpression
        if isSymbol("-") || isSymbol("+") {
            let isNegative = isSymbol("-")
            value = try nested { parser in
                parser.advance()
                let operand = try parser.unary(allowsFilters: false)
                return isNegative ? .negative(operand) : .positive(operand)
            }
        } else {
            value = try primary()
        }
        value = try postfix(value)
        return allowsFilters ? try filtersAndTests(value) : value
    }

    // MARK: - Primaries

    private mutating func primary() throws -> TemplateExpression {
        switch current.kind {
        case .name(let name):
            advance()
            switch name {
            case "true", "True": return .bool(true)
            case "false", "False": return .bool(false)
            case "none", "None": return .none
            default:
                if TemplateMacro.extras.contains(name) { extras.insert(name) }
                return .name(name)
            }
        case .string(var text):
            advance()
            while case .string(let more) = current.kind {
                text += more
                advance()
            }
            return .string(TemplateString(template: text))
        case .integer(let value):
            advance()
            return .integer(value)
        case .number(let value):
            advance()
            return .number(value)
        case .symbol("("): return try nested { try $0.parenthesised() }
        case .symbol("["): return try nested { try $0.list() }
        case .symbol("{"): return try nested { try $0.mapping() }
        default: throw error("expected a value, found \(current.description)")
        }
    }

    private mutating func parenthesised() throws -> TemplateExpression {
        advance()
        if take(symbol: ")") { return .tuple([]) }
        let value = try tupleOrExpression()
        try expect(symbol: ")")
        return value
    }

    private mutating func list() throws -> TemplateExpression {
        advance()
        var items: [TemplateExpression] = []
        while !isSymbol("]") {
            if !items.isEmpty { try expect(symbol: ",") }
            if isSymbol("]") { break }
            try items.append(expression())
        }
        advance()
        return .list(items)
    }

    private mutating func mapping() throws -> TemplateExpression {
        advance()
        var members: [(key: TemplateExpression, value: TemplateExpression)] = []
        while !isSymbol("}") {
            if !members.isEmpty { try expect(symbol: ",") }
            if isSymbol("}") { break }
            let key = try expression()
            try expect(symbol: ":")
            try members.append((key, expression()))
        }
        advance()
        return .mapping(members)
    }

    // MARK: - What follows a primary

    private mutating func postfix(_ start: TemplateExpression) throws -> TemplateExpression {
        var value = start
        while true {
            if take(symbol: ".") {
                value = try attribute(of: value)
            } else if take(symbol: "[") {
                value = try nested { try $0.element(of: value) }
            } else if isSymbol("(") {
                value = try .call(value, arguments())
            } else {
                return value
            }
            try addLink()
        }
    }

    private mutating func attribute(of value: TemplateExpression) throws -> TemplateExpression {
        if case .integer(let index) = current.kind {
            advance()
            return .element(value, .integer(index))
        }
        let name = try expectName()
        return .attribute(value, TemplateString(template: name), name: name)
    }

    private mutating func element(of value: TemplateExpression) throws -> TemplateExpression {
        var parts: [TemplateExpression?] = [nil]
        while !isSymbol("]") {
            if take(symbol: ":") {
                parts.append(nil)
                guard parts.count <= 3 else { throw error("a slice has at most three parts") }
            } else {
                guard parts[parts.count - 1] == nil else { throw error("expected ']', found \(current.description)") }
                parts[parts.count - 1] = try expression()
            }
        }
        advance()
        if parts.count == 1 {
            guard let index = parts[0] else { throw error("an index is missing") }
            return .element(value, index)
        }
        return .slice(value, start: parts[0], stop: parts[1], step: parts.count > 2 ? parts[2] : nil)
    }

    private mutating func filtersAndTests(_ start: TemplateExpression) throws -> TemplateExpression {
        var value = start
        while true {
            if take(symbol: "|") {
                value = try .filter(value, filter())
            } else if take(name: "is") {
                value = try test(value)
            } else if isSymbol("(") {
                value = try .call(value, arguments())
            } else {
                return value
            }
            try addLink()
        }
    }

    mutating func filter() throws -> TemplateFilter {
        let name = try dottedName()
        if !TemplateInterpreter.hasFilter(name) { unknownNames.append(("there is no filter '\(name)'", line)) }
        return try TemplateFilter(name: name, arguments: isSymbol("(") ? arguments() : TemplateArguments())
    }

    /// A filter's or a test's name, which may have dots in it.
    private mutating func dottedName() throws -> String {
        var name = try expectName()
        while take(symbol: ".") { name += try "." + expectName() }
        return name
    }

    private mutating func test(_ value: TemplateExpression) throws -> TemplateExpression {
        let isNegated = take(name: "not")
        let name = try dottedName()
        if !TemplateInterpreter.hasTest(name) { unknownNames.append(("there is no test '\(name)'", line)) }
        var arguments = TemplateArguments()
        if isSymbol("(") {
            arguments = try self.arguments()
        } else if startsTestArgument {
            if isName("is") { throw error("tests cannot be chained") }
            let operand = try primary()
            try arguments.positional.append(postfix(operand))
        }
        let test = TemplateExpression.test(value, name: name, arguments)
        return isNegated ? .not(test) : test
    }

    private var startsTestArgument: Bool {
        switch current.kind {
        case .name(let name): name != "else" && name != "or" && name != "and"
        case .string, .integer, .number, .symbol("["), .symbol("{"): true
        default: false
        }
    }

    /// Parses `*items` or `**members`, if one of them is here.
    private mutating func spread(_ arguments: inout TemplateArguments) throws -> Bool {
        let isNamed = isSymbol("**")
        guard isNamed || isSymbol("*") else { return false }
        guard arguments.namedSpread == nil, isNamed || arguments.spread == nil else {
            throw error("an argument follows '**', or a second '*'")
        }
        advance()
        if isNamed {
            arguments.namedSpread = try expression()
        } else {
            arguments.spread = try expression()
        }
        return true
    }

    /// Parses `(a, b, name=c, *d, **e)`.
    private mutating func arguments() throws -> TemplateArguments {
        try nested { parser in
            var arguments = TemplateArguments()
            try parser.expect(symbol: "(")
            var isFirst = true
            while !parser.isSymbol(")") {
                if !isFirst { try parser.expect(symbol: ",") }
                isFirst = false
                if parser.isSymbol(")") { break }
                if try parser.spread(&arguments) { continue }
                if case .name(let name) = parser.current.kind, parser.nextIsSymbol("=") {
                    guard arguments.namedSpread == nil else { throw parser.error("an argument follows '**'") }
                    parser.advance()
                    parser.advance()
                    try arguments.named.append((name, parser.expression()))
                } else {
                    guard arguments.named.isEmpty, arguments.spread == nil, arguments.namedSpread == nil else {
                        throw parser.error("a positional argument follows a named or spread one")
                    }
                    try arguments.positional.append(parser.expression())
                }
            }
            parser.advance()
            return arguments
        }
    }
}
