/// A token of a template's source, and the line it is on.
struct TemplateToken: Sendable {
    enum Kind: Sendable, Equatable {
        case text(String)
        case outputBegin, outputEnd, blockBegin, blockEnd
        case name(String)
        case string(String)
        case integer(Int)
        case number(Double)
        case symbol(String)
        case end
    }

    let kind: Kind
    let line: Int

    /// The token's name in error messages.
    var description: String {
        switch kind {
        case .text: "text"
        case .outputBegin: "'{{'"
        case .outputEnd: "'}}'"
        case .blockBegin: "'{%'"
        case .blockEnd: "'%}'"
        case .name(let name): "'\(name)'"
        case .string: "a string"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .symbol(let symbol): "'\(symbol)'"
        case .end: "the end of the template"
        }
    }
}

/// The tokens of a template, read one after the other by its parsers, and how deep the syntax nests.
final class TokenReader {
    private let tokens: [TemplateToken]
    private var position = 0
    private var depth = 0
    private var links = 0

    /// - Parameter tokens: the tokens, of which the last is `.end`.
    init(_ tokens: [TemplateToken]) { self.tokens = tokens }

    var current: TemplateToken { tokens[min(position, tokens.count - 1)] }
    var line: Int { current.line }

    func error(_ message: String) -> ChatTemplateError { ChatTemplateError(.syntax, "line \(line): \(message)") }

    func advance() { position += 1 }

    func isSymbol(_ symbol: String) -> Bool { current.kind == .symbol(symbol) }
    func isName(_ name: String) -> Bool { current.kind == .name(name) }

    func nextIsName(_ name: String) -> Bool {
        position + 1 < tokens.count && tokens[position + 1].kind == .name(name)
    }

    func nextIsSymbol(_ symbol: String) -> Bool {
        position + 1 < tokens.count && tokens[position + 1].kind == .symbol(symbol)
    }

    func take(symbol: String) -> Bool {
        guard isSymbol(symbol) else { return false }
        advance()
        return true
    }

    func take(name: String) -> Bool {
        guard isName(name) else { return false }
        advance()
        return true
    }

    func expect(symbol: String) throws {
        guard take(symbol: symbol) else { throw error("expected '\(symbol)', found \(current.description)") }
    }

    func expect(name: String) throws {
        guard take(name: name) else { throw error("expected '\(name)', found \(current.description)") }
    }

    func expectName() throws -> String {
        guard case .name(let name) = current.kind else { throw error("expected a name, found \(current.description)") }
        advance()
        return name
    }

    func expect(_ kind: TemplateToken.Kind) throws {
        guard current.kind == kind else { throw error("unexpected \(current.description)") }
        advance()
    }

    // MARK: - Limits

    /// Runs `parse` one level deeper.
    func nested<Result>(_ parse: () throws -> Result) throws -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth <= TemplateLimits.syntaxDepth else {
            throw ChatTemplateError.limit(
                "line \(line): the template nests deeper than \(TemplateLimits.syntaxDepth) levels")
        }
        return try parse()
    }

    /// Begins a tag, and counts its links from 0.
    func beginTag() {
        advance()
        links = 0
    }

    /// Counts a link of a chain such as `a + b + c` or `a.b[c](d)|e`. Each link makes the tag's syntax tree one level
    /// deeper, and freeing a tree recurses.
    func addLink() throws {
        links += 1
        guard links <= TemplateLimits.links else {
            throw ChatTemplateError.limit(
                "line \(line): a tag with more than \(TemplateLimits.links) operators, calls and filters")
        }
    }
}
