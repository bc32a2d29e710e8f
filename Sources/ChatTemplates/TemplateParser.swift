/// Builds a template's syntax tree out of its tokens.
struct TemplateParser {
    private let tokens: [TemplateToken]
    private var position = 0
    private var depth = 0
    private var links = 0
    var loopDepth = 0
    /// Those of `TemplateMacro.extras` that were named since the innermost macro began.
    var extras: Set<String> = []
    /// Whether the statement stands directly in an `if`, where the reference looks up filters and tests only on use.
    var isConditional = false
    /// Filters and tests that do not exist, named in the expression under way.
    var unknownNames: [(message: String, line: Int)] = []

    /// Parses a whole template.
    static func parse(_ source: String) throws -> [TemplateStatement] {
        var parser = try TemplateParser(tokens: TemplateLexer.tokens(of: source))
        return try parser.body(until: [])
    }

    private init(tokens: [TemplateToken]) { self.tokens = tokens }

    // MARK: - Tokens

    var current: TemplateToken { tokens[min(position, tokens.count - 1)] }
    var line: Int { current.line }

    func error(_ message: String) -> ChatTemplateError {
        ChatTemplateError(.syntax, "line \(line): \(message)")
    }

    mutating func advance() { position += 1 }

    func isSymbol(_ symbol: String) -> Bool { current.kind == .symbol(symbol) }
    func isName(_ name: String) -> Bool { current.kind == .name(name) }

    func nextIsName(_ name: String) -> Bool {
        position + 1 < tokens.count && tokens[position + 1].kind == .name(name)
    }

    func nextIsSymbol(_ symbol: String) -> Bool {
        position + 1 < tokens.count && tokens[position + 1].kind == .symbol(symbol)
    }

    mutating func take(symbol: String) -> Bool {
        guard isSymbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func take(name: String) -> Bool {
        guard isName(name) else { return false }
        advance()
        return true
    }

    mutating func expect(symbol: String) throws {
        guard take(symbol: symbol) else { throw error("expected '\(symbol)', found \(current.description)") }
    }

    mutating func expect(name: String) throws {
        guard take(name: name) else { throw error("expected '\(name)', found \(current.description)") }
    }

    mutating func expectName() throws -> String {
        guard case .name(let name) = current.kind else { throw error("expected a name, found \(current.description)") }
        advance()
        return name
    }

    mutating func expect(_ kind: TemplateToken.Kind) throws {
        guard current.kind == kind else { throw error("unexpected \(current.description)") }
        advance()
    }

    /// Runs `parse` one level deeper.
    mutating func nested<Result>(_ parse: (inout TemplateParser) throws -> Result) throws -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth <= TemplateLimits.syntaxDepth else {
            throw ChatTemplateError(
                .limit, "line \(line): the template nests deeper than \(TemplateLimits.syntaxDepth) levels")
        }
        return try parse(&self)
    }

    /// Counts a link of a chain such as `a + b + c` or `a.b[c](d)|e`. Each makes the tag's syntax tree one deeper, and
    /// freeing a tree recurses.
    mutating func addLink() throws {
        links += 1
        guard links <= TemplateLimits.links else {
            throw ChatTemplateError(
                .limit,
                "line \(line): a tag with more than \(TemplateLimits.links) operators, calls and filters")
        }
    }

    // MARK: - Bodies

    /// Parses statements until a block tag that begins with one of `ends`, of which `{%` is read and the name is not;
    /// until the end of the template if `ends` is empty.
    mutating func body(until ends: Set<String>) throws -> [TemplateStatement] {
        try nested { parser in
            var statements: [TemplateStatement] = []
            while true {
                let line = parser.line
                switch parser.current.kind {
                case .end:
                    guard ends.isEmpty else {
                        throw parser.error("the template ends before \(ends.sorted().joined(separator: " or "))")
                    }
                    return statements
                case .text(let text):
                    parser.advance()
                    statements.append(TemplateStatement(kind: .text(TemplateString(template: text)), line: line))
                case .outputBegin:
                    parser.advance()
                    parser.links = 0
                    let value = try parser.tupleOrExpression()
                    try parser.expect(.outputEnd)
                    try parser.refuseUnknownNames()
                    statements.append(TemplateStatement(kind: .output(value), line: line))
                case .blockBegin:
                    parser.advance()
                    parser.links = 0
                    if case .name(let name) = parser.current.kind, ends.contains(name) { return statements }
                    try statements.append(TemplateStatement(kind: parser.statement(), line: line))
                    try parser.refuseUnknownNames()
                default:
                    throw parser.error("unexpected \(parser.current.description)")
                }
            }
        }
    }

    /// Ends a block tag.
    mutating func endTag() throws {
        try expect(.blockEnd)
        try refuseUnknownNames()
    }

    /// Refuses the filters and tests that do not exist, unless whether they are used is for the template to say.
    mutating func refuseUnknownNames() throws {
        defer { unknownNames = [] }
        guard !isConditional, let (message, line) = unknownNames.first else { return }
        throw ChatTemplateError(.syntax, "line \(line): \(message)")
    }

    /// Parses a part in which filters and tests are looked up on use, or not.
    mutating func conditional<Result>(
        _ isConditional: Bool, _ parse: (inout TemplateParser) throws -> Result
    ) throws -> Result {
        let outer = self.isConditional
        self.isConditional = isConditional
        defer { self.isConditional = outer }
        return try parse(&self)
    }

    /// Parses a body and the tag that ends it.
    mutating func body(endedBy name: String) throws -> [TemplateStatement] {
        try endTag()
        let statements = try conditional(false) { try $0.body(until: [name]) }
        try expect(name: name)
        try endTag()
        return statements
    }
}
