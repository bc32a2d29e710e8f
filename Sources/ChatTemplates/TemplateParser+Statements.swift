extension TemplateParser {
    /// Parses what stands in a block tag, and the block that it opens.
    mutating func statement() throws -> TemplateStatement.Kind {
        let line = line
        let name = try expectName()
        switch name {
        case "if": return try conditional(true) { try $0.conditional() }
        case "for": return try loop()
        case "set": return try assignment()
        case "macro": return try macro()
        case "call": return try callBlock()
        case "with": return try with()
        case "filter":
            let filters = try filterChain()
            return try .filtered(filters, body: body(endedBy: "endfilter"))
        case "generation":
            // Marks the assistant's part for training masks; the text is the body's.
            return try .scoped(body(endedBy: "endgeneration"))
        case "break", "continue":
            guard loopDepth > 0 else { throw error("'\(name)' outside a loop") }
            try endTag()
            return name == "break" ? .breakLoop : .continueLoop
        default:
            throw ChatTemplateError(
                .syntax,
                "line \(line): the tag '\(name)' is not supported; supported: if, for, set, macro, call, with, "
                    + "filter, generation, raw, break, continue")
        }
    }

    private mutating func conditional() throws -> TemplateStatement.Kind {
        var branches: [(condition: TemplateExpression, body: [TemplateStatement])] = []
        var otherwise: [TemplateStatement] = []
        while true {
            let condition = try tupleOrExpression(allowsConditional: false)
            try endTag()
            try branches.append((condition, body(until: ["elif", "else", "endif"])))
            if take(name: "elif") { continue }
            if take(name: "else") {
                try endTag()
                otherwise = try body(until: ["endif"])
            }
            try expect(name: "endif")
            try endTag()
            return .conditional(branches, otherwise: otherwise)
        }
    }

    private mutating func loop() throws -> TemplateStatement.Kind {
        let target = try assignmentTarget(allowsNamespace: false)
        try expect(name: "in")
        let items = try tupleOrExpression(allowsConditional: false)
        let condition = take(name: "if") ? try expression() : nil
        let isRecursive = take(name: "recursive")
        try endTag()
        loopDepth += 1
        let body = try conditional(false) { try $0.body(until: ["else", "endfor"]) }
        loopDepth -= 1
        var otherwise: [TemplateStatement] = []
        if take(name: "else") {
            otherwise = try self.body(endedBy: "endfor")
        } else {
            try expect(name: "endfor")
            try endTag()
        }
        return .loop(
            TemplateLoop(
                target: target, items: items, condition: condition, body: body, otherwise: otherwise,
                isRecursive: isRecursive))
    }

    private mutating func assignment() throws -> TemplateStatement.Kind {
        let target = try assignmentTarget(allowsNamespace: true)
        if take(symbol: "=") {
            let value = try tupleOrExpression()
            try endTag()
            return .assignment(target, value)
        }
        let filters = isSymbol("|") ? try filterChain() : []
        return try .blockAssignment(target, filters: filters, body: body(endedBy: "endset"))
    }

    /// Parses `name`, `name, name`, `(name, name)` or `namespace.name`.
    private mutating func assignmentTarget(allowsNamespace: Bool) throws -> AssignmentTarget {
        if allowsNamespace, nextIsSymbol(".") {
            let name = try expectName()
            advance()
            return try .attribute(ofNamespace: name, expectName())
        }
        var targets = try [singleTarget()]
        var isTuple = false
        while take(symbol: ",") {
            isTuple = true
            if isSymbol("=") || isName("in") { break }
            try targets.append(singleTarget())
        }
        return isTuple ? .tuple(targets) : targets[0]
    }

    private mutating func singleTarget() throws -> AssignmentTarget {
        if isSymbol("(") {
            return try nested { parser in
                parser.advance()
                let target = try parser.assignmentTarget(allowsNamespace: false)
                try parser.expect(symbol: ")")
                return target
            }
        }
        let name = try expectName()
        guard !Self.constants.contains(name) else { throw error("'\(name)' cannot be assigned to") }
        return .name(name)
    }

    private mutating func macro() throws -> TemplateStatement.Kind {
        let name = try expectName()
        return try .macro(macro(name, parameters: parameters(), end: "endmacro"))
    }

    /// Parses `call(parameters) callee(arguments)` and the block that the callee gets as its caller.
    private mutating func callBlock() throws -> TemplateStatement.Kind {
        let parameters = isSymbol("(") ? try parameters() : []
        guard case .call(let callee, let arguments) = try expression() else {
            throw error("'call' needs a call, such as 'call name()'")
        }
        return try .callBlock(
            callee: callee, arguments, caller: macro("caller", parameters: parameters, end: "endcall"))
    }

    /// Parses a macro's body.
    private mutating func macro(
        _ name: String, parameters: [TemplateMacro.Parameter], end: String
    ) throws -> TemplateMacro {
        let outerLoops = loopDepth
        let outerExtras = extras
        (loopDepth, extras) = (0, [])
        let body = try body(endedBy: end)
        let macro = TemplateMacro(name: name, parameters: parameters, body: body, extras: extras)
        loopDepth = outerLoops
        extras.formUnion(outerExtras)
        return macro
    }

    /// Parses `(a, b=1)`.
    private mutating func parameters() throws -> [TemplateMacro.Parameter] {
        var parameters: [TemplateMacro.Parameter] = []
        try expect(symbol: "(")
        while !isSymbol(")") {
            if !parameters.isEmpty { try expect(symbol: ",") }
            if isSymbol(")") { break }
            let parameter = try expectName()
            guard !Self.constants.contains(parameter) else { throw error("'\(parameter)' cannot be assigned to") }
            let defaultValue = take(symbol: "=") ? try expression() : nil
            if defaultValue == nil, parameters.last?.defaultValue != nil {
                throw error("parameter '\(parameter)' without a default follows one with a default")
            }
            parameters.append(TemplateMacro.Parameter(name: parameter, defaultValue: defaultValue))
        }
        advance()
        return parameters
    }

    private mutating func with() throws -> TemplateStatement.Kind {
        var assignments: [(target: AssignmentTarget, value: TemplateExpression)] = []
        while current.kind != .blockEnd {
            if !assignments.isEmpty { try expect(symbol: ",") }
            let target = try singleTarget()
            try expect(symbol: "=")
            try assignments.append((target, expression()))
        }
        return try .with(assignments, body: body(endedBy: "endwith"))
    }

    /// Parses `upper | trim(...)`, with or without a bar before the first filter.
    private mutating func filterChain() throws -> [TemplateFilter] {
        var filters: [TemplateFilter] = []
        _ = take(symbol: "|")
        repeat { try filters.append(filter()) } while take(symbol: "|")
        return filters
    }
}
