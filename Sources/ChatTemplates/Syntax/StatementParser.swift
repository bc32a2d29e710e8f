/// Builds a template's syntax tree from its tokens.
final class StatementParser {
    private let tokens: TokenReader
    private let expressions: ExpressionParser
    private var loopDepth = 0
    /// Whether the statement is directly in an `if`, where the reference looks up filters and tests only when they are
    /// used.
    private var isConditional = false

    private static let constants: Set<String> = ["true", "True", "false", "False", "none", "None"]

    /// Parses a whole template.
    static func parse(_ source: String) throws -> [TemplateStatement] {
        let tokens = try TokenReader(TemplateLexer.tokens(of: source))
        return try StatementParser(tokens).body(until: [])
    }

    private init(_ tokens: TokenReader) {
        self.tokens = tokens
        expressions = ExpressionParser(tokens)
    }

    // MARK: - Bodies

    /// Parses statements until a block tag that begins with one of `ends`, whose `{%` is consumed but not its name;
    /// until the end of the template if `ends` is empty.
    private func body(until ends: Set<String>) throws -> [TemplateStatement] {
        try tokens.nested {
            var statements: [TemplateStatement] = []
            while true {
                let line = tokens.line
                switch tokens.current.kind {
                case .end:
                    guard ends.isEmpty else {
                        throw tokens.error("the template ends before \(ends.sorted().joined(separator: " or "))")
                    }
                    return statements
                case .text(let text):
                    tokens.advance()
                    statements.append(TemplateStatement(kind: .text(TemplateString(template: text)), line: line))
                case .outputBegin:
                    tokens.beginTag()
                    let value = try expressions.tupleOrExpression()
                    try tokens.expect(.outputEnd)
                    try refuseUnknownNames()
                    statements.append(TemplateStatement(kind: .output(value), line: line))
                case .blockBegin:
                    tokens.beginTag()
                    if case .name(let name) = tokens.current.kind, ends.contains(name) { return statements }
                    try statements.append(TemplateStatement(kind: statement(), line: line))
                    try refuseUnknownNames()
                default:
                    throw tokens.error("unexpected \(tokens.current.description)")
                }
            }
        }
    }

    /// Ends a block tag.
    private func endTag() throws {
        try tokens.expect(.blockEnd)
        try refuseUnknownNames()
    }

    /// Refuses filters and tests that do not exist, except in an `if`, where the template decides whether they are
    /// used.
    private func refuseUnknownNames() throws {
        let unknown = expressions.takeUnknownName()
        guard !isConditional, let (message, line) = unknown else { return }
        throw ChatTemplateError(.syntax, "line \(line): \(message)")
    }

    /// Parses a part of the template; `isConditional` says whether its filters and tests are looked up only when they
    /// are used.
    private func conditional<Result>(_ isConditional: Bool, _ parse: () throws -> Result) throws -> Result {
        let outer = self.isConditional
        self.isConditional = isConditional
        defer { self.isConditional = outer }
        return try parse()
    }

    /// Parses a body and the tag that ends it.
    private func body(endedBy name: String) throws -> [TemplateStatement] {
        try endTag()
        let statements = try conditional(false) { try body(until: [name]) }
        try tokens.expect(name: name)
        try endTag()
        return statements
    }

    // MARK: - Statements

    /// Parses the contents of a block tag, and the block that the tag opens.
    private func statement() throws -> TemplateStatement.Kind {
        let line = tokens.line
        let name = try tokens.expectName()
        switch name {
        case "if": return try conditional(true, branches)
        case "for": return try loop()
        case "set": return try assignment()
        case "macro": return try macro()
        case "call": return try callBlock()
        case "with": return try with()
        case "filter":
            let filters = try filterChain()
            return try .filtered(filters, body: body(endedBy: "endfilter"))
        case "generation":
            // The tag marks the assistant's part for training masks; only the body gives text.
            return try .scoped(body(endedBy: "endgeneration"))
        case "break", "continue":
            guard loopDepth > 0 else { throw tokens.error("'\(name)' outside a loop") }
            try endTag()
            return name == "break" ? .breakLoop : .continueLoop
        default:
            throw ChatTemplateError(
                .syntax,
                "line \(line): the tag '\(name)' is not supported; supported: if, for, set, macro, call, with, "
                    + "filter, generation, raw, break, continue")
        }
    }

    private func branches() throws -> TemplateStatement.Kind {
        var branches: [(condition: TemplateExpression, body: [TemplateStatement])] = []
        var otherwise: [TemplateStatement] = []
        while true {
            let condition = try expressions.tupleOrExpression(allowsConditional: false)
            try endTag()
            try branches.append((condition, body(until: ["elif", "else", "endif"])))
            if tokens.take(name: "elif") { continue }
            if tokens.take(name: "else") {
                try endTag()
                otherwise = try body(until: ["endif"])
            }
            try tokens.expect(name: "endif")
            try endTag()
            return .conditional(branches, otherwise: otherwise)
        }
    }

    private func loop() throws -> TemplateStatement.Kind {
        let target = try assignmentTarget(allowsNamespace: false)
        try tokens.expect(name: "in")
        let items = try expressions.tupleOrExpression(allowsConditional: false)
        let condition = tokens.take(name: "if") ? try expressions.expression() : nil
        let isRecursive = tokens.take(name: "recursive")
        try endTag()
        loopDepth += 1
        let body = try conditional(false) { try self.body(until: ["else", "endfor"]) }
        loopDepth -= 1
        var otherwise: [TemplateStatement] = []
        if tokens.take(name: "else") {
            otherwise = try self.body(endedBy: "endfor")
        } else {
            try tokens.expect(name: "endfor")
            try endTag()
        }
        return .loop(
            TemplateLoop(
                target: target, items: items, condition: condition, body: body, otherwise: otherwise,
                isRecursive: isRecursive))
    }

    private func with() throws -> TemplateStatement.Kind {
        var assignments: [(target: AssignmentTarget, value: TemplateExpression)] = []
        while tokens.current.kind != .blockEnd {
            if !assignments.isEmpty { try tokens.expect(symbol: ",") }
            let target = try singleTarget()
            try tokens.expect(symbol: "=")
            try assignments.append((target, expressions.expression()))
        }
        return try .with(assignments, body: body(endedBy: "endwith"))
    }

    /// Parses `upper | trim(...)`, with or without a bar before the first filter.
    private func filterChain() throws -> [TemplateFilter] {
        var filters: [TemplateFilter] = []
        _ = tokens.take(symbol: "|")
        repeat { try filters.append(expressions.filter()) } while tokens.take(symbol: "|")
        return filters
    }

    // MARK: - Assignments

    private func assignment() throws -> TemplateStatement.Kind {
        let target = try assignmentTarget(allowsNamespace: true)
        if tokens.take(symbol: "=") {
            let value = try expressions.tupleOrExpression()
            try endTag()
            return .assignment(target, value)
        }
        let filters = tokens.isSymbol("|") ? try filterChain() : []
        return try .blockAssignment(target, filters: filters, body: body(endedBy: "endset"))
    }

    /// Parses `name`, `name, name`, `(name, name)` or `namespace.name`.
    private func assignmentTarget(allowsNamespace: Bool) throws -> AssignmentTarget {
        if allowsNamespace, tokens.nextIsSymbol(".") {
            let name = try tokens.expectName()
            tokens.advance()
            return try .attribute(ofNamespace: name, tokens.expectName())
        }
        var targets = try [singleTarget()]
        var isTuple = false
        while tokens.take(symbol: ",") {
            isTuple = true
            if tokens.isSymbol("=") || tokens.isName("in") { break }
            try targets.append(singleTarget())
        }
        return isTuple ? .tuple(targets) : targets[0]
    }

    private func singleTarget() throws -> AssignmentTarget {
        if tokens.isSymbol("(") {
            return try tokens.nested {
                tokens.advance()
                let target = try assignmentTarget(allowsNamespace: false)
                try tokens.expect(symbol: ")")
                return target
            }
        }
        return try .name(assignableName())
    }

    private func assignableName() throws -> String {
        let name = try tokens.expectName()
        guard !Self.constants.contains(name) else { throw tokens.error("'\(name)' cannot be assigned to") }
        return name
    }

    // MARK: - Macros

    private func macro() throws -> TemplateStatement.Kind {
        let name = try tokens.expectName()
        return try .macro(macro(name, parameters: parameters(), end: "endmacro"))
    }

    /// Parses `call(parameters) callee(arguments)` and the block that the callee gets as its caller.
    private func callBlock() throws -> TemplateStatement.Kind {
        let parameters = tokens.isSymbol("(") ? try parameters() : []
        guard case .call(let callee, let arguments) = try expressions.expression() else {
            throw tokens.error("'call' needs a call, such as 'call name()'")
        }
        return try .callBlock(
            callee: callee, arguments, caller: macro("caller", parameters: parameters, end: "endcall"))
    }

    /// Parses a macro's body.
    private func macro(
        _ name: String, parameters: [TemplateMacro.Parameter], end: String
    ) throws -> TemplateMacro {
        let outerLoops = loopDepth
        loopDepth = 0
        defer { loopDepth = outerLoops }
        let (body, extras) = try expressions.namingExtras { try self.body(endedBy: end) }
        return TemplateMacro(name: name, parameters: parameters, body: body, extras: extras)
    }

    /// Parses `(a, b=1)`.
    private func parameters() throws -> [TemplateMacro.Parameter] {
        var parameters: [TemplateMacro.Parameter] = []
        try tokens.expect(symbol: "(")
        while !tokens.isSymbol(")") {
            if !parameters.isEmpty { try tokens.expect(symbol: ",") }
            if tokens.isSymbol(")") { break }
            let parameter = try assignableName()
            let defaultValue = tokens.take(symbol: "=") ? try expressions.expression() : nil
            if defaultValue == nil, parameters.last?.defaultValue != nil {
                throw tokens.error("parameter '\(parameter)' without a default follows one with a default")
            }
            parameters.append(TemplateMacro.Parameter(name: parameter, defaultValue: defaultValue))
        }
        tokens.advance()
        return parameters
    }
}
