/// Consecutive tokens of one sequence, counted from 0. A run is a view of the sequence's own array, or, for a decode
/// step, a single token: dispatching allocates no memory for either.
public struct TokenRun: RandomAccessCollection, Sendable, Equatable, ExpressibleByArrayLiteral {
    /// nil for a single token.
    private let storage: [TokenID]?
    /// The index of the first token in `storage`; without `storage`, the token itself.
    private let first: Int
    public let count: Int

    public init(_ tokens: [TokenID]) {
        self.init(tokens, in: 0..<tokens.count)
    }

    /// The tokens of `storage` at `range`, which must lie within it.
    public init(_ storage: [TokenID], in range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= storage.count, "\(range) of \(storage.count) tokens")
        self.storage = storage
        first = range.lowerBound
        count = range.count
    }

    /// One token.
    public init(_ token: TokenID) {
        storage = nil
        first = Int(token)
        count = 1
    }

    public init(arrayLiteral tokens: TokenID...) { self.init(tokens) }

    public var startIndex: Int { 0 }
    public var endIndex: Int { count }

    public subscript(position: Int) -> TokenID {
        precondition(position >= 0 && position < count, "token \(position) of \(count)")
        guard let storage else { return TokenID(first) }
        return storage[first + position]
    }

    /// Runs of equal tokens are equal, wherever the tokens are stored.
    public static func == (a: Self, b: Self) -> Bool { a.elementsEqual(b) }
}
