import Platform

/// How much of its data sheet a kind of device reaches, for any model: the same curve serves all.
///
/// A matrix product takes the time of its arithmetic and the time of its memory traffic, which overlap. Arithmetic is
/// done in whole tiles, and tiles in whole waves over all units, so that times by rows are a staircase.
public struct EfficiencyCurve: Sendable, Hashable {
    public let name: String
    /// Share of the memory bandwidth that streaming weights reaches.
    public let bandwidthShare: Double
    /// Share of peak arithmetic that full waves of full tiles reach.
    public let arithmeticShare: Double
    /// Share of peak arithmetic that attention over a prompt reaches.
    public let attentionShare: Double
    /// How well arithmetic and memory traffic overlap: times a and b together take (a^p + b^p)^(1/p). 1 is not at all,
    /// infinity perfectly.
    public let overlap: Double
    /// Rows and columns of a tile. Fewer rows use a half, a quarter or an eighth of the tile's.
    public let tileRows: Int
    public let tileColumns: Int
    /// Seconds in which the host launches the work of one layer. Launches run ahead of the device, so that a stage
    /// takes no less than its launches and is not held up by them otherwise.
    public let launchSeconds: Double
    /// What it was measured on, or that it was assumed.
    public let source: String

    /// Rows that a tile is cut to for a product of so many rows.
    func tileHeight(rows: Int) -> Int {
        for part in [8, 4, 2] where tileRows / part >= rows { return tileRows / part }
        return tileRows
    }

    /// Seconds of two things that go on at once.
    func overlapped(_ a: Double, _ b: Double) -> Double {
        let long = max(a, b)
        guard long > 0, long.isFinite else { return long }
        return long * Math.power(1 + Math.power(min(a, b) / long, overlap), 1 / overlap)
    }
}
