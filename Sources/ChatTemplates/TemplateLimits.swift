/// How much work a chat template may do. A template is a program out of a model file: it must end.
public struct TemplateLimits: Sendable, Hashable {
    /// Expressions and statements executed; handling 256 characters or 16 list items counts as one more.
    public var steps: Int
    /// How deep expressions, blocks and macro calls may nest, taken together.
    public var depth: Int
    /// UTF-8 bytes of the rendered prompt.
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
    /// Values that hold more items at all levels are refused: what is referred to twice counts twice, and 16 characters
    /// count as an item.
    static let valueSize = 1 << 22
    /// The longest `range`, as in the reference's sandbox.
    static let rangeLength = 100_000
}
