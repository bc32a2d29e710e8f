import Platform

/// Which share of its data sheet a kind of device reaches; one curve serves all models.
///
/// A matrix product takes the time of its arithmetic and the time of its memory traffic, which overlap. Arithmetic is
/// done in whole tiles, and tiles in whole waves over all units, so that the time as a function of rows is a staircase.
public struct EfficiencyCurve: Sendable, Hashable {
    public let name: String
    /// Share of the memory bandwidth that streaming weights reaches.
    public let bandwidthShare: Double
    /// Share of peak arithmetic that full waves of full tiles reach.
    public let arithmeticShare: Double
    /// Share of peak arithmetic that attention over a prompt reaches.
    public let attentionShare: Double
    /// The exponent p of the overlap of arithmetic and memory traffic: times a and b together take (a^p + b^p)^(1/p).
    /// 1 means no overlap, infinity a perfect overlap.
    public let overlap: Double
    /// Rows of a tile. Products of fewer rows use tiles of a half, a quarter or an eighth of the rows.
    public let tileRows: Int
    /// Columns of a tile.
    public let tileColumns: Int
    /// Seconds in which the host launches the work of one layer. Launches run ahead of the device: a stage takes at
    /// least the time of its launches, and they do not delay it otherwise.
    public let launchSeconds: Double
    /// What the curve was measured on, or that it was assumed.
    public let source: String

    /// The height of the tiles for a product of `rows` rows.
    func tileHeight(rows: Int) -> Int {
        for part in [8, 4, 2] where tileRows / part >= rows { return tileRows / part }
        return tileRows
    }

    /// Seconds of two activities of `a` and `b` seconds that overlap.
    func overlapped(_ a: Double, _ b: Double) -> Double {
        let long = max(a, b)
        guard long > 0, long.isFinite else { return long }
        return long * Math.power(1 + Math.power(min(a, b) / long, overlap), 1 / overlap)
    }
}
