/// Runs a template's statements. One rendering has one interpreter.
final class TemplateInterpreter {
    /// Where execution continues after a statement.
    private enum Flow {
        case next, breakLoop, continueLoop
    }

    let budget: TemplateBudget
    private let now: TemplateDate?
    /// The line of the current statement.
    private var line = 1
    /// Namespaces, which may be part of a reference cycle; they are emptied at the end of the rendering.
    private var namespaces: [RuntimeNamespace] = []
    /// Scopes of macros, which may be part of a reference cycle; they are emptied at the end of the rendering.
    private var macroScopes: [TemplateScope] = []

    init(limits: TemplateLimits, now: TemplateDate?) {
        budget = TemplateBudget(limits)
        self.now = now
    }

    /// Runs a whole template.
    func run(_ program: [TemplateStatement], variables: [String: RuntimeValue]) throws -> TemplateString {
        defer { releaseCycles() }
        let globals = TemplateScope(parent: nil)
        for function in RuntimeFunction.allCases { globals.variables[function.rawValue] = .function(function) }
        globals.variables.merge(variables) { _, given in given }
        var output = budget.newOutput()
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

    // MARK: - Statements

    private func execute(
        _ statements: [TemplateStatement], _ scope: TemplateScope, into output: inout TemplateOutput
    ) throws -> Flow {
        try budget.nested("blocks nest") {
            for statement in statements {
                try budget.step()
                line = statement.line
                let flow = try execute(statement, scope, into: &output)
                if flow != .next { return flow }
            }
            return .next
        }
    }

    private func execute(
        _ statement: TemplateStatement, _ scope: TemplateScope, into output: inout TemplateOutput
    ) throws -> Flow {
        switch statement.kind {
        case .text(let text):
            try budget.charge(characters: text.count)
            try output.append(text)
        case .output(let expression):
            let value = try evaluate(expression, scope)
            try budget.charge(work: value.size)
            let text = try value.asText()
            try budget.charge(characters: text.count)
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
            try budget.charge(characters: text.count)
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

    /// The text that a body writes, passed through filters.
    private func capture(
        _ body: [TemplateStatement], _ filters: [TemplateFilter], _ scope: TemplateScope
    ) throws -> TemplateString {
        var captured = budget.newOutput()
        _ = try execute(body, TemplateScope(parent: scope), into: &captured)
        var value = RuntimeValue.string(captured.string)
        for filter in filters {
            value = try TemplateFilters.apply(filter.name, to: value, evaluate(filter.arguments, scope), budget)
        }
        return try value.asText()
    }

    private func assign(_ value: RuntimeValue, to target: AssignmentTarget, _ scope: TemplateScope) throws {
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

    // MARK: - Loops

    /// Runs a loop over items; for a recursive loop these may be the items of a nested level.
    private func run(
        _ loop: TemplateLoop, over items: RuntimeValue, _ scope: TemplateScope, level: Int = 0,
        into output: inout TemplateOutput
    ) throws {
        let items = try items.items()
        try budget.charge(items: items.count)
        let state = LoopState(
            items, filter: filter(of: loop, scope), level: level, recursion: loop.isRecursive ? (loop, scope) : nil)
        defer { state.finish() }
        var hasRun = false
        while let item = try state.next() {
            hasRun = true
            try budget.step()
            let inner = TemplateScope(parent: scope)
            inner.variables["loop"] = .loop(state)
            try assign(item, to: loop.target, inner)
            if try execute(loop.body, inner, into: &output) == .breakLoop { break }
        }
        if !hasRun { _ = try execute(loop.otherwise, TemplateScope(parent: scope), into: &output) }
    }

    private func filter(of loop: TemplateLoop, _ scope: TemplateScope) -> ((RuntimeValue) throws -> Bool)? {
        guard let condition = loop.condition else { return nil }
        return { item in
            let inner = TemplateScope(parent: scope)
            try self.assign(item, to: loop.target, inner)
            return try self.evaluate(condition, inner).isTrue
        }
    }

    // MARK: - Calls

    /// `callee(arguments)`.
    func call(_ callee: RuntimeValue, _ arguments: RuntimeArguments) throws -> RuntimeValue {
        switch callee {
        case .macro(let macro): return try call(macro, arguments)
        case .function(let function):
            return try function.call(arguments, budget, now: now, newNamespace: newNamespace)
        case .method(let method): return try method.call(arguments, budget)
        case .loop(let loop): return try call(loop, arguments)
        case .undefined(let message): throw ChatTemplateError.template(message)
        default: throw ChatTemplateError.template("\(callee.kind) cannot be called")
        }
    }

    private func newNamespace() -> RuntimeNamespace {
        let namespace = RuntimeNamespace()
        namespaces.append(namespace)
        return namespace
    }

    /// `loop(items)`: the text that a recursive loop writes for the items of the next level.
    private func call(_ state: LoopState, _ arguments: RuntimeArguments) throws -> RuntimeValue {
        guard let (loop, scope) = state.recursion else {
            throw ChatTemplateError.template("only a loop marked 'recursive', while it runs, can be called")
        }
        let items = try arguments.bind(["items"], required: 1, function: "loop")[0] ?? .none
        let callerLine = line
        var captured = budget.newOutput()
        try run(loop, over: items, scope, level: state.level + 1, into: &captured)
        line = callerLine
        return .string(captured.string)
    }

    /// Calls a macro and returns its text.
    private func call(_ macro: RuntimeMacro, _ arguments: RuntimeArguments) throws -> RuntimeValue {
        let syntax = macro.syntax
        let scope = TemplateScope(parent: macro.scope)
        let arguments = try takeExtras(of: syntax, arguments, into: scope)
        let given = try arguments.bind(syntax.parameters.map(\.name), function: syntax.name)
        for (parameter, value) in zip(syntax.parameters, given) {
            if let value {
                scope.variables[parameter.name] = value
            } else if let defaultValue = parameter.defaultValue {
                scope.variables[parameter.name] = try evaluate(defaultValue, scope)
            } else {
                scope.variables[parameter.name] = .undefined("parameter '\(parameter.name)' was not provided")
            }
        }
        let callerLine = line
        var captured = budget.newOutput()
        _ = try execute(syntax.body, scope, into: &captured)
        line = callerLine
        return .string(captured.string)
    }

    /// Sets `caller`, `varargs` and `kwargs` to the arguments that no parameter takes, if the macro's body names them.
    /// - Returns: the arguments for the parameters.
    private func takeExtras(
        of syntax: TemplateMacro, _ arguments: RuntimeArguments, into scope: TemplateScope
    ) throws -> RuntimeArguments {
        guard !syntax.extras.isEmpty else { return arguments }
        var rest = arguments
        let names = syntax.parameters.map(\.name)
        if syntax.extras.contains("caller"), !names.contains("caller") {
            let place = rest.named.firstIndex { $0.name == "caller" }
            scope.variables["caller"] =
                place.map { rest.named.remove(at: $0).value } ?? .undefined("there is no caller")
        }
        if syntax.extras.contains("varargs"), !names.contains("varargs") {
            scope.variables["varargs"] = try .tuple(Array(rest.positional.dropFirst(names.count)))
            rest.positional = Array(rest.positional.prefix(names.count))
        }
        if syntax.extras.contains("kwargs"), !names.contains("kwargs") {
            let others = rest.named.filter { !names.contains($0.name) }
            scope.variables["kwargs"] = try .mapping(
                RuntimeMapping(others.map { (TemplateString(template: $0.name), $0.value) }))
            rest.named.removeAll { !names.contains($0.name) }
        }
        return rest
    }
}

/// The names that are visible at a place in a template.
final class TemplateScope {
    var variables: [String: RuntimeValue] = [:]
    let parent: TemplateScope?

    init(parent: TemplateScope?) { self.parent = parent }

    func value(of name: String) -> RuntimeValue? {
        var scope: TemplateScope? = self
        while let current = scope {
            if let value = current.variables[name] { return value }
            scope = current.parent
        }
        return nil
    }
}

/// A macro, with the scope in which it was defined.
final class RuntimeMacro {
    let syntax: TemplateMacro
    let scope: TemplateScope

    init(_ syntax: TemplateMacro, scope: TemplateScope) {
        self.syntax = syntax
        self.scope = scope
    }
}
