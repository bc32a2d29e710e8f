import Platform

/// Scaled inputs and their targets, row after row.
struct TrainingRows {
    let width: Int
    private(set) var inputs: [Float] = []
    private(set) var targets: [Float] = []

    init(width: Int) { self.width = width }

    var count: Int { targets.count }

    mutating func add(_ row: [Float], target: Float) {
        precondition(row.count == width, "a row of \(row.count) numbers; \(width) are expected")
        inputs += row
        targets.append(target)
    }

    mutating func add(_ other: TrainingRows) {
        inputs += other.inputs
        targets += other.targets
    }

    mutating func removeAll() {
        inputs.removeAll(keepingCapacity: true)
        targets.removeAll(keepingCapacity: true)
    }

    /// Appends the row with this index of `other`, with dropout: each input becomes 0, its mean, with the probability
    /// `dropout`, and the others are scaled up so that the expected sum stays the same.
    mutating func add(_ other: TrainingRows, _ index: Int, dropout: Double, _ draws: inout DrawSequence) {
        let row = other.inputs[(index * width)..<((index + 1) * width)]
        targets.append(other.targets[index])
        guard dropout > 0 else {
            inputs += row
            return
        }
        let scale = Float(1 / (1 - dropout))
        for number in row { inputs.append(draws.unit() < dropout ? 0 : number * scale) }
    }
}
