/// How much work a chat template may do. A template is a program from a model file, so its run must be bounded.
public struct TemplateLimits: Sendable, Hashable {
    /// The most expressions and statements executed; handling 256 characters or 16 list items counts as one more.
    public var steps: Int
    /// How deep expressions, blocks and macro calls may nest, taken together.
    public var depth: Int
    /// The most UTF-8 bytes of the rendered prompt.
    public var outputBytes: Int

    public init(steps: Int = 1_000_000, depth: Int = 200, outputBytes: Int = 64 << 20) {
        self.steps = steps
        self.depth = depth
        self.outputBytes = outputBytes
    }

    /// Syntax deeper than this is refused: parsing recurses.
    static let syntaxDepth = 100
    /// The most operators, calls and filters in one tag.
    static let links = 1000
    /// Lists in lists deeper than this are refused: comparing and printing them recurses.
    static let valueDepth = 100
    /// Values with more items at all levels are refused: an item with two references counts twice, and 16 characters
    /// count as an item.
    static let valueSize = 1 << 22
    /// The longest `range`, as in the reference's sandbox.
    static let rangeLength = 100_000
}

/// What one rendering has left of its limits. Every operation charges its work on values here, before it does the work.
final class TemplateBudget {
    private let limits: TemplateLimits
    private var steps = 0
    private var depth = 0

    init(_ limits: TemplateLimits) { self.limits = limits }

    /// Counts the execution of an expression or a statement.
    func step() throws { try charge(steps: 1) }

    /// Counts work on a string, and bounds its size.
    func charge(characters: Int) throws {
        guard characters <= limits.outputBytes else {
            throw ChatTemplateError.limit(
                "a string of \(characters) characters exceeds the limit of \(limits.outputBytes)")
        }
        try charge(steps: 1 + characters / 256)
    }

    /// Counts work on values whose sizes sum to `size`; the sizes were bounded when the values were made.
    func charge(work size: Int) throws { try charge(steps: 1 + size / 16) }

    /// Counts work on a list.
    func charge(items: Int) throws { try charge(steps: 1 + items / 16) }

    private func charge(steps count: Int) throws {
        steps += count
        guard steps <= limits.steps else {
            throw ChatTemplateError.limit("the template takes more than \(limits.steps) steps")
        }
    }

    /// Runs `body` one level deeper.
    /// - Parameter what: what nests, for the message.
    func nested<Result>(_ what: StaticString, _ body: () throws -> Result) throws -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.depth else {
            throw ChatTemplateError.limit("\(what) deeper than \(limits.depth) levels")
        }
        return try body()
    }

    /// An empty text to write to. Each text has a bound of its own: the rendered prompt, and the text that a macro or a
    /// block captures.
    func newOutput() -> TemplateOutput { TemplateOutput(limit: limits.outputBytes) }
}

/// Text that a template has written so far, up to a limit.
struct TemplateOutput {
    private(set) var string = TemplateString()
    private var bytes = 0
    private let limit: Int

    /// - Parameter limit: the most UTF-8 bytes.
    fileprivate init(limit: Int) { self.limit = limit }

    mutating func append(_ text: TemplateString) throws {
        for scalar in text.scalars { bytes += UTF8.width(scalar) }
        guard bytes <= limit else {
            throw ChatTemplateError.limit("the output exceeds \(limit) bytes: \(bytes) and more")
        }
        string.append(text)
    }
}
