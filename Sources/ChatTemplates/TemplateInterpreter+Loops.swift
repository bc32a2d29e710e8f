extension TemplateInterpreter {
    /// Runs a loop over items, which for a recursive loop may be those of a level below.
    func run(
        _ loop: TemplateLoop, over items: RuntimeValue, _ scope: TemplateScope, level: Int = 0,
        into output: inout TemplateOutput
    ) throws {
        let items = try items.items()
        try charge(items: items.count)
        let state = LoopState(
            items, filter: filter(of: loop, scope), level: level, recursion: loop.isRecursive ? (loop, scope) : nil)
        defer { state.finish() }
        var hasRun = false
        while let item = try state.next() {
            hasRun = true
            try step()
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

    /// `loop(items)`: the text that a recursive loop writes for the items of the level below.
    func call(_ state: LoopState, _ arguments: RuntimeArguments) throws -> RuntimeValue {
        guard let (loop, scope) = state.recursion else {
            throw ChatTemplateError.template("only a loop marked 'recursive', while it runs, can be called")
        }
        let items = try arguments.bind(["items"], required: 1, function: "loop")[0] ?? .none
        let callerLine = line
        var captured = TemplateOutput(limit: limits.outputBytes)
        try run(loop, over: items, scope, level: state.level + 1, into: &captured)
        line = callerLine
        return .string(captured.string)
    }
}
