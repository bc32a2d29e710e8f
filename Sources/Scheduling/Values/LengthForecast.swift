/// The expected length of one answer before it begins: eight equally likely lengths in tokens, in ascending order. If a
/// predictor gives a single number, all eight lengths are equal.
///
/// Small and without references, since the core keeps one for each request.
public struct LengthForecast: Sendable, Hashable {
    /// How many lengths a forecast has.
    public static let count = 8
    /// The longest length that a forecast can hold; longer answers count as this length.
    public static let longest = Int(UInt16.max)

    private let lengths: SIMD8<UInt16>

    /// Eight lengths in any order; each is clamped to 1...`longest`.
    public init(_ lengths: [Int]) {
        precondition(lengths.count == Self.count, "a forecast of \(lengths.count) lengths; it has \(Self.count)")
        let sorted = lengths.map { UInt16(min(max($0, 1), Self.longest)) }.sorted()
        self.lengths = SIMD8(sorted)
    }

    /// The same length eight times.
    public init(tokens: Int) { self.init([Int](repeating: tokens, count: Self.count)) }

    /// The lengths in ascending order.
    public var tokens: [Int] { lengths.indices.map { Int(lengths[$0]) } }

    /// The mean of the lengths.
    public var mean: Double { Double(sum(of: lengths)) / Double(Self.count) }

    /// Tokens expected of the whole answer once it has `generated` tokens: the mean of the lengths above `generated`.
    /// An answer that has outlived all lengths is expected to become a quarter longer than it is.
    public func mean(beyond generated: Int) -> Double {
        guard generated < Int(lengths[Self.count - 1]) else { return Double(generated) * 1.25 + 1 }
        let longer = lengths .> UInt16(max(generated, 0))
        let count = longer.indices.reduce(0) { $0 + (longer[$1] ? 1 : 0) }
        return Double(sum(of: lengths.replacing(with: 0, where: .!longer))) / Double(count)
    }

    private func sum(of lengths: SIMD8<UInt16>) -> Int {
        Int(SIMD8<UInt32>(truncatingIfNeeded: lengths).wrappedSum())
    }
}
