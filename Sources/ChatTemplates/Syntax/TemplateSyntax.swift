/// An expression of a template.
indirect enum TemplateExpression: Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(TemplateString)
    case name(String)
    case list([TemplateExpression])
    case tuple([TemplateExpression])
    case mapping([(key: TemplateExpression, value: TemplateExpression)])
    case attribute(TemplateExpression, TemplateString, name: String)
    case element(TemplateExpression, TemplateExpression)
    case slice(TemplateExpression, start: TemplateExpression?, stop: TemplateExpression?, step: TemplateExpression?)
    case call(TemplateExpression, TemplateArguments)
    case filter(TemplateExpression, TemplateFilter)
    case test(TemplateExpression, name: String, TemplateArguments)
    case negative(TemplateExpression)
    case positive(TemplateExpression)
    case not(TemplateExpression)
    case and(TemplateExpression, TemplateExpression)
    case or(TemplateExpression, TemplateExpression)
    case arithmetic(TemplateExpression, ArithmeticOperator, TemplateExpression)
    case concatenation([TemplateExpression])
    case comparison(TemplateExpression, [(operation: ComparisonOperator, operand: TemplateExpression)])
    case conditional(condition: TemplateExpression, then: TemplateExpression, otherwise: TemplateExpression?)
}

enum ArithmeticOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case modulo = "%"
    case power = "**"
}

enum ComparisonOperator: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"
    case isNotIn = "not in"
}

struct TemplateArguments: Sendable {
    var positional: [TemplateExpression] = []
    var named: [(name: String, value: TemplateExpression)] = []
    /// The expression after `*`, which gives further positional arguments.
    var spread: TemplateExpression?
    /// The expression after `**`, which gives further named arguments.
    var namedSpread: TemplateExpression?
}

/// A filter's name and arguments.
struct TemplateFilter: Sendable {
    let name: String
    let arguments: TemplateArguments
}

/// The target of an assignment.
indirect enum AssignmentTarget: Sendable {
    case name(String)
    case tuple([AssignmentTarget])
    case attribute(ofNamespace: String, String)
}

/// A statement, and the line that it begins on.
struct TemplateStatement: Sendable {
    indirect enum Kind: Sendable {
        case text(TemplateString)
        case output(TemplateExpression)
        case conditional([(condition: TemplateExpression, body: [TemplateStatement])], otherwise: [TemplateStatement])
        case loop(TemplateLoop)
        case assignment(AssignmentTarget, TemplateExpression)
        case blockAssignment(AssignmentTarget, filters: [TemplateFilter], body: [TemplateStatement])
        case macro(TemplateMacro)
        /// A call that gets the block as `caller`.
        case callBlock(callee: TemplateExpression, TemplateArguments, caller: TemplateMacro)
        case filtered([TemplateFilter], body: [TemplateStatement])
        case with([(target: AssignmentTarget, value: TemplateExpression)], body: [TemplateStatement])
        /// The body in a scope of its own.
        case scoped([TemplateStatement])
        case breakLoop
        case continueLoop
    }

    let kind: Kind
    let line: Int
}

struct TemplateLoop: Sendable {
    let target: AssignmentTarget
    let items: TemplateExpression
    let condition: TemplateExpression?
    let body: [TemplateStatement]
    let otherwise: [TemplateStatement]
    /// Whether the template may call `loop` with the items of the next level.
    let isRecursive: Bool
}

struct TemplateMacro: Sendable {
    struct Parameter: Sendable {
        let name: String
        let defaultValue: TemplateExpression?
    }

    let name: String
    let parameters: [Parameter]
    let body: [TemplateStatement]
    /// The names among `caller`, `varargs` and `kwargs` that the body uses; they take the arguments that no parameter
    /// takes.
    let extras: Set<String>

    static let extras: Set<String> = ["caller", "varargs", "kwargs"]
}
