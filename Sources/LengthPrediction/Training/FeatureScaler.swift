/// Scales each input to mean 0 and deviation 1 over the examples from which the scaler was made.
struct FeatureScaler: Sendable, Hashable {
    let means: [Float]
    /// Above 0; 1 for an input that never changes.
    let deviations: [Float]

    /// A scaler of these rows: at least one, and all of equal width.
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

    /// For the numbers of a file, which have been checked.
    init(means: [Float], deviations: [Float]) {
        precondition(means.count == deviations.count, "\(means.count) means, \(deviations.count) deviations")
        self.means = means
        self.deviations = deviations
    }

    /// The scaled form of a row, which must have the same width.
    func scaled(_ row: [Float]) -> [Float] {
        var scaled = row
        for index in means.indices { scaled[index] = (row[index] - means[index]) / deviations[index] }
        return scaled
    }
}
