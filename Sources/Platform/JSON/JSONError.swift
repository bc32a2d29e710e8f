/// Why bytes are not JSON, or break a limit of the reader.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// The bytes are not UTF-8.
        case encoding
        /// The bytes break the grammar or a limit.
        case syntax
        /// An object has this key twice.
        case repeatedKey(String)
    }

    public let kind: Kind
    /// The byte at fault, counted from 0; the number of bytes if the text ends too early.
    public let offset: Int
    /// What is wrong, such as `expected a value`.
    public let problem: String
    private let isAtEnd: Bool

    init(_ kind: Kind, _ problem: String, at offset: Int, isAtEnd: Bool) {
        self.kind = kind
        self.problem = problem
        self.offset = offset
        self.isAtEnd = isAtEnd
    }

    /// What is wrong, and where.
    public var description: String {
        if kind == .encoding { return "the byte at offset \(offset) is not valid UTF-8" }
        return "not valid JSON: \(problem) at \(isAtEnd ? "the end, " : "")offset \(offset)"
    }
}
