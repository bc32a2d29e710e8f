import Platform

/// Trains one perceptron with mini-batches in random order. In the end it has the parameters of the pass that was best
/// on the validation rows.
struct PerceptronTraining {
    private let options: TrainingOptions
    private var draws: DrawSequence
    private(set) var perceptron: Perceptron
    private var adam: Adam
    private var slopes: Backpropagation

    init(inputs: Int, options: TrainingOptions, seed: UInt64) {
        self.options = options
        draws = DrawSequence(seed: seed)
        perceptron = Perceptron(inputs: inputs, hidden: options.hidden, seed: ~seed)
        adam = Adam(count: perceptron.parameters.count, rate: options.rate, decay: options.decay)
        slopes = Backpropagation(perceptron, mostRows: options.batch)
    }

    /// - Parameter report: called after each pass, with the number of passes so far and the loss on `validation`.
    mutating func run(_ rows: TrainingRows, validation: TrainingRows, report: (Int, Double) -> Void) {
        var best = (loss: Double.infinity, epoch: 0, parameters: perceptron.parameters)
        for epoch in 1...options.epochs {
            pass(over: rows)
            let loss = perceptron.loss(of: validation.inputs, targets: validation.targets)
            report(epoch, loss)
            if loss < best.loss { best = (loss, epoch, perceptron.parameters) }
            if epoch - best.epoch >= options.patience { break }
        }
        perceptron.parameters = best.parameters
    }

    private mutating func pass(over rows: TrainingRows) {
        let order = draws.permutation(of: rows.count)
        var batch = TrainingRows(width: rows.width)
        for start in stride(from: 0, to: order.count, by: options.batch) {
            batch.removeAll()
            for index in order[start..<min(start + options.batch, order.count)] {
                batch.add(rows, index, dropout: options.dropout, &draws)
            }
            _ = slopes.differentiate(perceptron, rows: batch.inputs, targets: batch.targets)
            adam.step(&perceptron.parameters, gradient: slopes.gradient)
        }
    }
}
