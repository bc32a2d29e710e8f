/// A piece of a prompt, with its provenance.
public struct TextSegment: Sendable, Hashable {
    public var text: String
    /// True for text that came from a request, in which special tokens are never matched; false for text that the
    /// model's own template wrote.
    public var isUserText: Bool

    public init(text: String, isUserText: Bool) {
        self.text = text
        self.isUserText = isUserText
    }
}

/// Whether the texts of control tokens, such as `<|im_end|>`, mean those tokens.
public enum SpecialTokens: Sendable, Hashable {
    /// A control token's text becomes that token.
    case parse
    /// A control token's text is encoded as ordinary characters and never becomes that token.
    case asText
}
