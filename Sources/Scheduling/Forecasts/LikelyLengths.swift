/// What the length of an answer may be: eight equally likely lengths in tokens, in ascending order. For a known length
/// all eight are equal.
public struct LikelyLengths: Sendable, Hashable {
    public static let count = 8
    /// Longer answers count as this.
    public static let longest = 1 << 30

    let tokens: SIMD8<Int32>

    /// A known length.
    public init(known tokens: Int) { self.tokens = SIMD8(repeating: Int32(min(max(tokens, 0), Self.longest))) }

    /// Eight lengths in any order.
    public init(_ tokens: [Int]) {
        precondition(tokens.count == Self.count, "\(tokens.count) likely lengths; eight are needed")
        self.tokens = SIMD8(tokens.sorted().map { Int32(min(max($0, 0), Self.longest)) })
    }

    init(ascending tokens: SIMD8<Int32>) { self.tokens = tokens }

    public var isKnown: Bool { tokens[0] == tokens[Self.count - 1] }

    public subscript(index: Int) -> Int { Int(tokens[index]) }
}
