/// The gradient of a perceptron's loss with respect to its parameters, and the buffers for its computation.
package struct Backpropagation: Sendable {
    /// The gradient of the loss with respect to `Perceptron.parameters`, in the same order.
    package private(set) var gradient: [Float]
    /// The results of each layer, after the ReLU.
    private var results: [[Float]]
    private var slopes: [[Float]]
    private var transposed: [Float]
    private let mostRows: Int

    /// For perceptrons with the same layers as the given one, and up to `mostRows` rows at a time.
    package init(_ perceptron: Perceptron, mostRows: Int) {
        precondition(mostRows > 0, "batches of \(mostRows) rows; at least 1 is possible")
        gradient = [Float](repeating: 0, count: perceptron.parameters.count)
        results = perceptron.layers.map { [Float](repeating: 0, count: $0.outputs * mostRows) }
        slopes = results
        transposed = [Float](repeating: 0, count: perceptron.layers.map(\.weightCount).max() ?? 0)
        self.mostRows = mostRows
    }

    /// Sets `gradient` to that of the mean squared distance from `targets`, and returns this distance.
    ///
    /// - Parameter rows: one row of `widths[0]` numbers for each target, one after the other.
    package mutating func differentiate(_ perceptron: Perceptron, rows: [Float], targets: [Float]) -> Double {
        let count = targets.count
        let layers = perceptron.checkedLayers
        precondition((1...mostRows).contains(count), "\(count) targets; 1 to \(mostRows) are possible")
        precondition(rows.count == count * perceptron.widths[0], "\(rows.count) numbers for \(count) rows")
        precondition(gradient.count == perceptron.parameters.count, "a perceptron of other layers")
        for (index, layer) in layers.enumerated() {
            let input = index == 0 ? rows : results[index - 1]
            layer.forward(perceptron.parameters, rows: input, count: count, results: &results[index])
            if index < layers.count - 1 { results[index].withUnsafeMutableBufferPointer(rectify) }
        }
        let loss = startSlopes(targets)
        gradient.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        for index in layers.indices.reversed() {
            let input = index == 0 ? rows : results[index - 1]
            layers[index].addGradient(rows: input, slopes: slopes[index], count: count, to: &gradient)
            guard index > 0 else { break }
            layers[index].backward(
                perceptron.parameters, slopes: slopes[index], count: count, rowSlopes: &slopes[index - 1],
                transposed: &transposed)
            // The gradient of the ReLU is 0 where its result is 0.
            for place in 0..<(count * layers[index].inputs) where results[index - 1][place] <= 0 {
                slopes[index - 1][place] = 0
            }
        }
        return loss
    }

    /// Sets the slopes of the last layer to the gradient of the loss with respect to its results. Returns the loss.
    private mutating func startSlopes(_ targets: [Float]) -> Double {
        let last = results.count - 1
        var sum = 0.0
        for (row, target) in targets.enumerated() {
            let distance = results[last][row] - target
            sum += Double(distance) * Double(distance)
            slopes[last][row] = 2 * distance / Float(targets.count)
        }
        return sum / Double(targets.count)
    }
}
