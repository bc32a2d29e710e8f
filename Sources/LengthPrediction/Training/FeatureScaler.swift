/// Brings each input to mean 0 and deviation 1 over the examples that it was made from.
struct FeatureScaler: Sendable, Hashable {
    let means: [Float]
    /// Above 0; 1 for an input that never changes.
    let deviations: [Float]

    /// Of rows of equal width; at least one.
    init(_ rows: [[Float]]) {
        precondition(!rows.isEmpty, "a scaler of no rows; at least one is needed")
        let count = Double(rows.count)
        var sums = [Double](repeating: 0, count: rows[0].count)
        for row in rows {
            for (index, number) in row.enumerated() { sums[index] += Double(number) }
        }
        let means = sums.map { $0 / count }
        var squares = [Double](repeating: 0, count: means.count)
        for row in rows {
            for (index, number) in row.enumerated() {
                let distance = Double(number) - means[index]
                squares[index] += distance * distance
            }
        }
        self.means = means.map { Float($0) }
        deviations = squares.map { square in
            let deviation = Float((square / count).squareRoot())
            return deviation > 1e-6 ? deviation : 1
        }
    }

    /// Of a file, whose numbers have been checked.
    init(means: [Float], deviations: [Float]) {
        precondition(means.count == deviations.count, "\(means.count) means, \(deviations.count) deviations")
        self.means = means
        self.deviations = deviations
    }

    /// A row of the same width.
    func scaled(_ row: [Float]) -> [Float] {
        var scaled = row
        for index in means.indices { scaled[index] = (row[index] - means[index]) / deviations[index] }
        return scaled
    }
}
