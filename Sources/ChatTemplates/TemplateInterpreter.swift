/// Runs a template's statements. One rendering has one interpreter.
final class TemplateInterpreter {
    /// Where execution goes on after a statement.
    enum Flow {
        case next, breakLoop, continueLoop
    }

    let limits: TemplateLimits
    let now: TemplateDate?
    private var steps = 0
    private var depth = 0
    var line = 1
    /// What may be part of a cycle of references, to be emptied at the end.
    private var namespaces: [RuntimeNamespace] = []
    private var macroScopes: [TemplateScope] = []

    init(limits: TemplateLimits, now: TemplateDate?) {
        self.limits = limits
        self.now = now
    }

    /// Runs a whole template.
    func run(_ program: [TemplateStatement], variables: [String: RuntimeValue]) throws -> TemplateString {
        defer { releaseCycles() }
        let globals = TemplateScope(parent: nil)
        for function in RuntimeFunction.allCases { globals.variables[function.rawValue] = .function(function) }
        globals.variables.merge(variables) { _, given in given }
        var output = TemplateOutput(limit: limits.outputBytes)
        do {
            _ = try execute(program, TemplateScope(parent: globals), into: &output)
        } catch let error as ChatTemplateError where error.code != .refusal {
            throw ChatTemplateError(error.code, "line \(line): \(error.message)")
        }
        return output.string
    }

    private func releaseCycles() {
        for namespace in namespaces { namespace.attributes = [:] }
        for scope in macroScopes { scope.variables = [:] }
    }

    // MARK: - Limits

    func step(_ count: Int = 1) throws {
        steps += count
        guard steps <= limits.steps else {
            throw ChatTemplateError.limit("the template takes more than \(limits.steps) steps")
        }
    }

    /// Counts work on a string, and bounds its size.
    func charge(characters: Int) throws {
        guard characters <= limits.outputBytes else {
            throw ChatTemplateError.limit(
                "a string of \(characters) characters exceeds the limit of \(limits.outputBytes)")
        }
        try step(1 + characters / 256)
    }

    /// Counts work on values of a size in all, which was bounded when they were made.
    func charge(work size: Int) throws { try step(1 + size / 16) }

    /// Counts work on a list.
    func charge(items: Int) throws { try step(1 + items / 16) }

    func nested<Result>(_ body: () throws -> Result) throws -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.depth else {
            throw ChatTemplateError.limit("evaluation nests deeper than \(limits.depth) levels")
        }
        return try body()
    }

    func newNamespace() -> RuntimeNamespace {
        let namespace = RuntimeNamespace()
        namespaces.append(namespace)
        return namespace
    }

    // MARK: - Statements

    func execute(
        _ statements: [TemplateStatement], _ scope: TemplateScope, into output: inout TemplateOutput
    ) throws -> Flow {
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.depth else {
            throw ChatTemplateError.limit("blocks nest deeper than \(limits.depth) levels")
        }
        for statement in statements {
            try step()
            line = statement.line
            let flow = try execute(statement, scope, into: &output)
            if flow != .next { return flow }
        }
        return .next
    }

    private func execute(
        _ statement: TemplateStatement, _ scope: TemplateScope, into output: inout TemplateOutput
    ) throws -> Flow {
        switch statement.kind {
        case .text(let text):
            try charge(characters: text.count)
            try output.append(text)
        case .output(let expression):
            let value = try evaluate(expression, scope)
            try charge(work: value.size)
            let text = try value.asText()
            try charge(characters: text.count)
            try output.append(text)
        case .conditional(let branches, let otherwise):
            for branch in branches where try evaluate(branch.condition, scope).isTrue {
                return try execute(branch.body, scope, into: &output)
            }
            return try execute(otherwise, scope, into: &output)
        case .loop(let loop):
            try run(loop, over: evaluate(loop.items, scope), scope, into: &output)
        case .assignment(let target, let expression):
            try assign(evaluate(expression, scope), to: target, scope)
        case .blockAssignment(let target, let filters, let body):
            try assign(.string(capture(body, filters, scope)), to: target, scope)
        case .macro(let macro):
            scope.variables[macro.name] = .macro(RuntimeMacro(macro, scope: scope))
            macroScopes.append(scope)
        case .callBlock(let callee, let arguments, let caller):
            var values = try evaluate(arguments, scope)
            values.named.append(("caller", .macro(RuntimeMacro(caller, scope: scope))))
            macroScopes.append(scope)
            let text = try call(evaluate(callee, scope), values).asText()
            try charge(characters: text.count)
            try output.append(text)
        case .filtered(let filters, let body):
            try output.append(capture(body, filters, scope))
        case .with(let assignments, let body):
            let inner = TemplateScope(parent: scope)
            for assignment in assignments {
                try assign(evaluate(assignment.value, scope), to: assignment.target, inner)
            }
            return try execute(body, inner, into: &output)
        case .scoped(let body):
            return try execute(body, TemplateScope(parent: scope), into: &output)
        case .breakLoop: return .breakLoop
        case .continueLoop: return .continueLoop
        }
        return .next
    }

    /// The text that a body writes, through filters.
    private func capture(
        _ body: [TemplateStatement], _ filters: [TemplateFilter], _ scope: TemplateScope
    ) throws -> TemplateString {
        var captured = TemplateOutput(limit: limits.outputBytes)
        _ = try execute(body, TemplateScope(parent: scope), into: &captured)
        var value = RuntimeValue.string(captured.string)
        for filter in filters {
            value = try apply(filter: filter.name, to: value, evaluate(filter.arguments, scope))
        }
        return try value.asText()
    }

    func assign(_ value: RuntimeValue, to target: AssignmentTarget, _ scope: TemplateScope) throws {
        switch target {
        case .name(let name):
            scope.variables[name] = value
        case .attribute(let name, let attribute):
            guard case .namespace(let namespace)? = scope.value(of: name) else {
                throw ChatTemplateError.template("'\(name)' is no namespace: its attributes cannot be set")
            }
            namespace.attributes[attribute] = value
        case .tuple(let targets):
            let items = try value.items()
            guard items.count == targets.count else {
                throw ChatTemplateError.template("\(items.count) values cannot be assigned to \(targets.count) names")
            }
            for (target, item) in zip(targets, items) { try assign(item, to: target, scope) }
        }
    }
}
