import Scheduling

/// Eight equally likely lengths in tokens, in ascending order: a forecast before it is rounded.
struct LengthOctiles: Sendable, Hashable {
    static let count = LengthForecast.count
    /// `count` finite numbers, at least 0.
    let tokens: [Float]

    /// - Precondition: there are `count` numbers.
    init(_ tokens: [Float]) {
        precondition(tokens.count == Self.count, "\(tokens.count) octiles; \(Self.count) are needed")
        self.tokens = tokens
    }

    var mean: Double { tokens.reduce(0) { $0 + Double($1) } / Double(Self.count) }

    /// The forecast: lengths rounded, and none above `limit`, since a longer answer is cut there.
    func forecast(limit: Int?) -> LengthForecast {
        let ceiling = max(1, limit ?? .max)
        return LengthForecast(
            tokens.map { min(Int(min(max($0, 1), Float(LengthForecast.longest)).rounded()), ceiling) })
    }
}
