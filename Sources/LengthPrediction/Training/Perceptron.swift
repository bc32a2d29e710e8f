import Platform

/// Fully connected layers with a ReLU after each layer except the last, and a single number as the result: the head
/// that TD-Pipe puts on its encoder (arXiv 2506.10470, section 3.2).
package struct Perceptron: Sendable, Hashable {
    /// The widths of the input and of each hidden layer, and at last 1.
    package let widths: [Int]
    /// All weights and biases, layer by layer: `inputs × outputs` weights with the outputs of one input together, then
    /// the biases. The number of parameters must not change.
    package var parameters: [Float]
    let layers: [DenseLayer]

    /// A perceptron with random weights, as fit for ReLUs (uniform, variance 2 / inputs), and biases 0.
    ///
    /// - Precondition: there is at least one input, and each hidden layer is at least 1 wide.
    package init(inputs: Int, hidden: [Int], seed: UInt64) {
        self.init(inputs: inputs, hidden: hidden)
        var draws = DrawSequence(seed: seed)
        for layer in layers {
            let bound = (6 / Double(layer.inputs)).squareRoot()
            for index in layer.weights { parameters[index] = Float((2 * draws.unit() - 1) * bound) }
        }
    }

    /// For the parameters of a file, whose sizes have been checked.
    init(inputs: Int, hidden: [Int], parameters: [Float]) {
        self.init(inputs: inputs, hidden: hidden)
        self.parameters = parameters
    }

    /// A perceptron whose parameters are all 0.
    private init(inputs: Int, hidden: [Int]) {
        widths = [inputs] + hidden + [1]
        precondition(widths.allSatisfy { $0 > 0 }, "layers of the widths \(widths); at least 1 is possible")
        var layers: [DenseLayer] = []
        for (inputs, outputs) in zip(widths, widths.dropFirst()) {
            layers.append(DenseLayer(inputs: inputs, outputs: outputs, start: layers.last?.end ?? 0))
        }
        self.layers = layers
        parameters = [Float](repeating: 0, count: layers[layers.count - 1].end)
    }

    /// The layers, after a check that the number of parameters is right.
    var checkedLayers: [DenseLayer] {
        let needed = layers[layers.count - 1].end
        precondition(parameters.count == needed, "\(parameters.count) parameters; these layers have \(needed)")
        return layers
    }

    /// The results of `rows`, which are stored one after the other: one number per row.
    ///
    /// - Precondition: `rows` consists of whole rows of `widths[0]` numbers.
    package func results(of rows: [Float]) -> [Float] {
        precondition(rows.count % widths[0] == 0, "\(rows.count) numbers; a row has \(widths[0])")
        let count = rows.count / widths[0]
        var current = rows
        for (index, layer) in checkedLayers.enumerated() {
            var next = [Float](repeating: 0, count: count * layer.outputs)
            layer.forward(parameters, rows: current, count: count, results: &next)
            if index < layers.count - 1 { next.withUnsafeMutableBufferPointer(rectify) }
            current = next
        }
        return current
    }

    /// The mean squared distance of the results from `targets`, one for each row.
    package func loss(of rows: [Float], targets: [Float]) -> Double {
        let results = results(of: rows)
        precondition(results.count == targets.count, "\(targets.count) targets for \(results.count) rows")
        let sum = zip(results, targets).reduce(0.0) { sum, pair in
            let distance = Double(pair.0) - Double(pair.1)
            return sum + distance * distance
        }
        return sum / Double(max(1, targets.count))
    }
}

/// The ReLU: replaces numbers below 0 by 0.
func rectify(_ numbers: inout UnsafeMutableBufferPointer<Float>) {
    for index in numbers.indices { numbers[index] = max(numbers[index], 0) }
}
