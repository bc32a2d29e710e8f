import ModelPlans
import Platform

/// Cosines and sines of the rotation angles, computed in f64 once for each position, when it is first used.
final class RotaryTable {
    let pairs: Int
    private let frequencies: [Double]
    private let positionScale: Double
    /// Cosines: [position][pairs].
    private var cosines: [Float] = []
    /// Sines: [position][pairs].
    private var sines: [Float] = []
    private var positions = 0

    init(_ rope: RotarySpec) {
        pairs = rope.dimensions / 2
        positionScale = 1 / Double(rope.linearFactor)
        let base = Double(rope.base)
        let width = Double(rope.dimensions)
        frequencies = (0..<(rope.dimensions / 2)).map { pair in
            let factor = rope.frequencyFactors.isEmpty ? 1 : Double(rope.frequencyFactors[pair])
            return Math.power(base, -2 * Double(pair) / width) / factor
        }
    }

    /// Makes the positions below `count` available. Called between parallel sections, as the tables may move.
    func prepare(positions count: Int) {
        guard count > positions else { return }
        let target = max(count, positions + 256)
        cosines.reserveCapacity(target * pairs)
        sines.reserveCapacity(target * pairs)
        for position in positions..<target {
            for frequency in frequencies {
                let angle = Double(position) * positionScale * frequency
                cosines.append(Float(Math.cosine(angle)))
                sines.append(Float(Math.sine(angle)))
            }
        }
        positions = target
    }

    /// Calls `body` with the tables' bases; position p starts at p * pairs.
    func withTables(_ body: (UnsafePointer<Float>, UnsafePointer<Float>) -> Void) {
        cosines.withUnsafeBufferPointer { c in
            sines.withUnsafeBufferPointer { s in body(c.baseAddress!, s.baseAddress!) }
        }
    }
}
