/// Neighbouring tokens of one sequence, counted from 0. A view of an array that many runs may share: the slices of a
/// micro-batch stand in one, so that dispatching takes no memory for each.
public struct TokenRun: RandomAccessCollection, Sendable, Equatable, ExpressibleByArrayLiteral {
    private let storage: [TokenID]
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

    public init(arrayLiteral tokens: TokenID...) { self.init(tokens) }

    public var startIndex: Int { 0 }
    public var endIndex: Int { count }

    public subscript(position: Int) -> TokenID {
        precondition(position >= 0 && position < count, "token \(position) of \(count)")
        return storage[first + position]
    }

    /// Runs of equal tokens are equal, wherever these stand.
    public static func == (a: Self, b: Self) -> Bool { a.elementsEqual(b) }
}
