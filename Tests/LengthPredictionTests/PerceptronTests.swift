import LengthPrediction
import Platform
import Testing

@Suite("The head and its training")
struct PerceptronTests {
    private func numbers(_ count: Int, seed: UInt64) -> [Float] {
        (0..<count).map { Float(CounterRandom.uniform(key: seed, position: $0) * 2 - 1) }
    }

    @Test func aSmallNetworkByHand() {
        var perceptron = Perceptron(inputs: 2, hidden: [2], seed: 1)
        // hidden = relu([x + 3y + 1, 2x - 4y]), result = 5 * first - hidden second + 0.5
        perceptron.parameters = [1, 2, 3, -4, 1, 0, 5, -1, 0.5]
        #expect(perceptron.results(of: [1, 1, 2, 0.5, -9, 0]) == [25.5, 21, 0.5])
        #expect(perceptron.widths == [2, 2, 1])
        #expect(perceptron.loss(of: [1, 1, 2, 0.5], targets: [24.5, 21]) == 0.5)
        #expect(perceptron.results(of: []).isEmpty)
    }

    @Test func theSeedDecidesTheFirstWeights() {
        let first = Perceptron(inputs: 9, hidden: [8], seed: 3)
        #expect(first == Perceptron(inputs: 9, hidden: [8], seed: 3))
        #expect(first != Perceptron(inputs: 9, hidden: [8], seed: 4))
        let variance =
            Perceptron(inputs: 50, hidden: [80], seed: 3).parameters.prefix(4000)
            .reduce(0) { $0 + Double($1 * $1) } / 4000
        #expect(abs(variance - 2.0 / 50) < 0.003)
    }

    /// Each slope against the change of the loss when its parameter moves by a little either way.
    @Test(arguments: [1, 3, 8])
    func theGradientIsThatOfFiniteDifferences(rows: Int) {
        var perceptron = Perceptron(inputs: 7, hidden: [9, 5], seed: 12)
        // Biases that are not 0, and no ReLU close to its bend.
        perceptron.parameters = zip(perceptron.parameters, numbers(perceptron.parameters.count, seed: 5)).map {
            $0 + 0.3 * $1
        }
        let inputs = numbers(rows * 7, seed: 6)
        let targets = numbers(rows, seed: 8)
        var slopes = Backpropagation(perceptron, mostRows: 8)
        let loss = slopes.differentiate(perceptron, rows: inputs, targets: targets)
        #expect(abs(loss - perceptron.loss(of: inputs, targets: targets)) < 1e-6)
        let step: Float = 2e-3
        var largest = 0.0
        for index in perceptron.parameters.indices {
            var (up, down) = (perceptron, perceptron)
            up.parameters[index] += step
            down.parameters[index] -= step
            let width = Double(up.parameters[index] - down.parameters[index])
            let difference = up.loss(of: inputs, targets: targets) - down.loss(of: inputs, targets: targets)
            let slope = Double(slopes.gradient[index])
            #expect(abs(slope - difference / width) < 3e-4 + 5e-3 * abs(slope), "parameter \(index)")
            largest = max(largest, abs(slope))
        }
        #expect(largest > 0.01)
    }

    @Test func aSecondBatchForgetsTheFirst() {
        let perceptron = Perceptron(inputs: 4, hidden: [6, 5], seed: 2)
        var used = Backpropagation(perceptron, mostRows: 8)
        _ = used.differentiate(perceptron, rows: numbers(32, seed: 1), targets: numbers(8, seed: 2))
        let loss = used.differentiate(perceptron, rows: numbers(12, seed: 3), targets: numbers(3, seed: 4))
        var fresh = Backpropagation(perceptron, mostRows: 3)
        #expect(fresh.differentiate(perceptron, rows: numbers(12, seed: 3), targets: numbers(3, seed: 4)) == loss)
        #expect(fresh.gradient == used.gradient)
    }

    @Test func adamTakesStepsOfItsRateAndArrives() {
        var adam = Adam(count: 2, rate: 0.05)
        var point: [Float] = [3, -2]
        adam.step(&point, gradient: [1e-3, -800])
        #expect(abs(point[0] - 2.95) < 1e-4 && abs(point[1] + 1.95) < 1e-4)
        for _ in 0..<2000 { adam.step(&point, gradient: [2 * (point[0] - 1), 20 * (point[1] - 4)]) }
        #expect(abs(point[0] - 1) < 1e-2 && abs(point[1] - 4) < 1e-2)
    }

    @Test func decayShrinksWithoutASlope() {
        var adam = Adam(count: 1, rate: 0.1, decay: 0.5)
        var point: [Float] = [2]
        adam.step(&point, gradient: [0])
        #expect(abs(point[0] - 1.9) < 1e-6)
    }
}
