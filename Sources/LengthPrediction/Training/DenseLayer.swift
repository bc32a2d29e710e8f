/// The layout of a fully connected layer among the parameters of a perceptron, and its arithmetic. First come
/// `inputs × outputs` weights, the `outputs` of one input together, then `outputs` biases.
struct DenseLayer: Sendable, Hashable {
    let inputs: Int
    let outputs: Int
    /// The index of the first weight among the parameters.
    let start: Int

    var weightCount: Int { inputs * outputs }
    var end: Int { start + weightCount + outputs }
    var weights: Range<Int> { start..<(start + weightCount) }
    var biases: Range<Int> { (start + weightCount)..<end }

    /// Computes `results[count × outputs]` from `rows[count × inputs]`.
    func forward(
        _ parameters: UnsafePointer<Float>, rows: UnsafePointer<Float>, count: Int,
        results: UnsafeMutablePointer<Float>
    ) {
        let biases = parameters + self.biases.lowerBound
        for row in 0..<count { (results + row * outputs).update(from: biases, count: outputs) }
        addProduct(
            MatrixReading(numbers: rows, rowStride: inputs, columnStride: 1), parameters + start, to: results,
            rows: count, depth: inputs, columns: outputs)
    }

    /// Adds the gradient with respect to this layer's parameters to `gradient`, which has the layout of the parameters,
    /// for the inputs `rows[count × inputs]` and the gradient `slopes[count × outputs]` with respect to the results.
    func addGradient(
        rows: UnsafePointer<Float>, slopes: UnsafePointer<Float>, count: Int, to gradient: UnsafeMutablePointer<Float>
    ) {
        addProduct(
            MatrixReading(numbers: rows, rowStride: 1, columnStride: inputs), slopes, to: gradient + start,
            rows: inputs, depth: count, columns: outputs)
        let biases = gradient + self.biases.lowerBound
        for row in 0..<count {
            for output in 0..<outputs { biases[output] += slopes[row * outputs + output] }
        }
    }

    /// Computes the gradient with respect to the rows, `rowSlopes[count × inputs]`, from `slopes`, the gradient with
    /// respect to the results. `transposed` is a buffer of `weightCount` numbers.
    func backward(
        _ parameters: UnsafePointer<Float>, slopes: UnsafePointer<Float>, count: Int,
        rowSlopes: UnsafeMutablePointer<Float>, transposed: UnsafeMutablePointer<Float>
    ) {
        let weights = parameters + start
        for input in 0..<inputs {
            for output in 0..<outputs { transposed[output * inputs + input] = weights[input * outputs + output] }
        }
        rowSlopes.update(repeating: 0, count: count * inputs)
        addProduct(
            MatrixReading(numbers: slopes, rowStride: outputs, columnStride: 1), transposed, to: rowSlopes,
            rows: count, depth: outputs, columns: inputs)
    }
}
