import Platform
import Simulation
import Testing

@Suite struct PredictionTests {
    private func predict(
        _ kind: PredictionModel.Kind, error: Double = 0, bias: Double = 1, _ outputs: [Int]
    ) throws -> [Int] {
        var source = SeededRandom(seed: 21)
        return try PredictionModel(kind, error: error, bias: bias).predictions(for: outputs, &source)
    }

    @Test func kindsPredictWhatTheyKnow() throws {
        #expect(try predict(.oracle, [3, 1, 900]) == [3, 1, 900])
        #expect(try predict(.constant(256), [3, 1, 900]) == [256, 256, 256])
        #expect(try predict(.classMeans, []) == [])
    }

    @Test func classesAreCutAtTheirPercentiles() throws {
        // 1...100: cuts at 25, 50, 75 and 99; the means of 1...25, 26...50, 51...75, 76...99 and 100.
        let classes = try #require(LengthClasses(Array(1...100).shuffled()))
        #expect(classes.cuts == [25, 50, 75, 99] && classes.means == [13, 38, 63, 87.5, 100])
        #expect(classes.mean(of: 25) == 13 && classes.mean(of: 26) == 38 && classes.mean(of: 5000) == 100)
        #expect(try predict(.classMeans, Array(1...100)).suffix(3) == [88, 88, 100])
        // All alike: the classes above the first are empty, and still answer.
        let alike = try #require(LengthClasses([7, 7, 7]))
        #expect(alike.means == [7, 7, 7, 7, 7] && alike.mean(of: 9) == 7)
        #expect(LengthClasses([]) == nil)
    }

    @Test func classMeansKeepTheSum() throws {
        let outputs = try SimulatedWorkload(.shape(.shareGPT), count: 5000, seed: 2).requests.map(\.outputTokens)
        let (predicted, truth) = (try predict(.classMeans, outputs).reduce(0, +), outputs.reduce(0, +))
        #expect(abs(Double(predicted - truth)) < 0.001 * Double(truth))
        #expect(Set(try predict(.classMeans, outputs)).count == 5)
    }

    @Test func errorsAreLogNormalAndSeeded() throws {
        let outputs = [Int](repeating: 1000, count: 20_000)
        let predicted = try predict(.oracle, error: 0.5, outputs)
        #expect(try predicted == predict(.oracle, error: 0.5, outputs))
        let sorted = predicted.sorted()
        // One standard deviation is a factor of e^0.5 either way: 607 and 1,649 at the 15.87th and 84.13th percentiles.
        #expect(abs(sorted[10_000] - 1000) < 20)
        #expect(abs(sorted[3173] - 607) < 15 && abs(sorted[16_827] - 1649) < 40)
        #expect(try predict(.oracle, error: 4, [1, 1, 1, 1 << 30]).allSatisfy { 1...(1 << 30) ~= $0 })
    }

    @Test func aBiasIsAFactor() throws {
        #expect(try predict(.oracle, bias: 2.5, [4, 100]) == [10, 250])
        #expect(try predict(.constant(100), bias: 0.25, [4, 100]) == [25, 25])
        #expect(try predict(.oracle, bias: 0.001, [4, 4000]) == [1, 4])
        #expect(try predict(.classMeans, bias: 10, Array(1...100)).suffix(2) == [875, 1000])
        let outputs = [Int](repeating: 1000, count: 50)
        let spread = try predict(.oracle, error: 1, outputs)
        for (one, three) in zip(spread, try predict(.oracle, error: 1, bias: 3, outputs)) {
            #expect(abs(three - 3 * one) <= 2)
        }
    }

    @Test func impossibleModelsAreRefused() {
        #expect(throws: SimulationError.self) { try PredictionModel(.oracle, error: -0.1) }
        #expect(throws: SimulationError.self) { try PredictionModel(.oracle, error: .nan) }
        #expect(throws: SimulationError.self) { try PredictionModel(.constant(0)) }
        for bias in [0, 0.0009, 1001, .nan, .infinity] {
            #expect(throws: SimulationError.self) { try PredictionModel(.oracle, bias: bias) }
        }
    }
}
