/// A filter: a function of the value on its left and of the call.
typealias TemplateFilterFunction = @Sendable (RuntimeValue, TemplateCall) throws -> RuntimeValue

/// The filters by name. Each filter is in the table of its group: `text`, `items`, `ordering`, `numbers`.
enum TemplateFilters {
    private static let all = [text, items, ordering, numbers]
        .reduce(into: [:]) { all, group in all.merge(group) { first, _ in first } }

    static func has(_ name: String) -> Bool { all[name] != nil }

    /// Applies a filter.
    static func apply(
        _ name: String, to value: RuntimeValue, _ arguments: RuntimeArguments, _ budget: TemplateBudget
    ) throws -> RuntimeValue {
        guard let filter = all[name] else {
            throw ChatTemplateError.template("there is no filter '\(name)', or it is not supported")
        }
        try budget.charge(work: value.size)
        return try filter(value, TemplateCall(name: name, arguments: arguments, budget: budget))
    }

    /// A filter with another name for messages.
    static func alias(
        of name: String, _ filter: @escaping TemplateFilterFunction
    ) -> TemplateFilterFunction {
        { value, call in try filter(value, TemplateCall(name: name, arguments: call.arguments, budget: call.budget)) }
    }
}
