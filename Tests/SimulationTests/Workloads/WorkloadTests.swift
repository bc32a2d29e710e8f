import Platform
import Scheduling
import Simulation
import Testing

@Suite struct WorkloadTests {
    private func percentiles(_ values: [Int]) -> (Int) -> Int {
        let sorted = values.sorted()
        return { sorted[max(0, (sorted.count * $0 + 99) / 100 - 1)] }
    }

    /// Percentiles of the cut distributions, worked out apart from this code (NumPy, two million draws).
    @Test func shareGPTLengthsHaveTheFitsPercentiles() throws {
        let requests = try SimulatedWorkload(.shape(.shareGPT), count: 100_000, seed: 3).requests
        let prompt = percentiles(requests.map(\.promptTokens))
        let output = percentiles(requests.map(\.outputTokens))
        for (percent, prompts, outputs) in [
            (10, 7, 50), (25, 14, 107), (50, 37, 236), (75, 108, 467), (90, 272, 726), (99, 811, 987),
        ] {
            #expect(abs(Double(prompt(percent) - prompts)) <= max(1, 0.04 * Double(prompts)), "\(percent)")
            #expect(abs(Double(output(percent) - outputs)) <= 0.03 * Double(outputs), "\(percent)")
        }
        #expect(requests.allSatisfy { 4...1024 ~= $0.promptTokens && 4...1024 ~= $0.outputTokens })
    }

    @Test(arguments: [
        ("alpaca", 21.0, 17, 164.0, nil as Int?), ("longbench", 2687, 2737, 102, 19),
        ("sharegpt", 100, 37, 315, 236),
    ])
    func shapesHaveTheirMeansAndMedians(
        name: String, promptMean: Double, promptMedian: Int, outputMean: Double, outputMedian: Int?
    ) throws {
        let requests = try SimulatedWorkload(.shape(.named(name)), count: 100_000, seed: 5).requests
        func mean(_ values: [Int]) -> Double { Double(values.reduce(0, +)) / Double(values.count) }
        let (prompts, outputs) = (requests.map(\.promptTokens), requests.map(\.outputTokens))
        #expect(abs(mean(prompts) - promptMean) < 0.03 * promptMean)
        #expect(abs(Double(percentiles(prompts)(50) - promptMedian)) <= 0.03 * Double(promptMedian))
        #expect(abs(mean(outputs) - outputMean) < 0.05 * outputMean)
        if let outputMedian {
            #expect(abs(Double(percentiles(outputs)(50) - outputMedian)) <= max(1, 0.03 * Double(outputMedian)))
        }
    }

    @Test func aSeedGivesOneWorkloadAndNoOther() throws {
        func make(_ seed: UInt64, _ arrivals: ArrivalProcess, _ model: PredictionModel?) throws -> SimulatedWorkload {
            try SimulatedWorkload(
                .shape(.shareGPT), count: 200, arrivals: arrivals, predictions: model, seed: seed)
        }
        let poisson = try ArrivalProcess(.poisson(rate: 2))
        let oracle = try PredictionModel(.oracle)
        #expect(try make(1, poisson, oracle) == make(1, poisson, oracle))
        #expect(try make(1, poisson, nil) != make(2, poisson, nil))
        // Neither arrivals nor predictions change the lengths.
        let (a, b) = (try make(1, poisson, oracle).requests, try make(1, .offline, nil).requests)
        #expect(a.map(\.promptTokens) == b.map(\.promptTokens) && a.map(\.outputTokens) == b.map(\.outputTokens))
        #expect(b.allSatisfy { $0.arrival == .zero && $0.predictedTokens == nil })
        #expect(a.allSatisfy { $0.predictedTokens == $0.outputTokens })
        // These bits were worked out once: another machine or version must give the same requests.
        let first = b.prefix(3).map { [$0.promptTokens, $0.outputTokens] }
        #expect(first == Self.firstRequests, "\(first)")
    }
    private static let firstRequests = [[153, 361], [37, 349], [32, 395]]

    @Test func aListIsUsedUpBeforeItBeginsAgain() throws {
        let list = try (1...5).map { try RequestLengths(promptTokens: $0, outputTokens: 10 * $0) }
        let requests = try SimulatedWorkload(.list(list), count: 12, seed: 9).requests
        for round in [0..<5, 5..<10] {
            #expect(requests[round].map(\.promptTokens).sorted() == [1, 2, 3, 4, 5])
        }
        #expect(requests.allSatisfy { $0.outputTokens == 10 * $0.promptTokens })
        #expect(Set(requests[10...].map(\.promptTokens)).count == 2)
        #expect(throws: SimulationError.self) { try SimulatedWorkload(.list([]), count: 1, seed: 1) }
        #expect(throws: SimulationError.self) { try SimulatedWorkload(.list(list), count: 0, seed: 1) }
    }

    @Test func impossibleLengthsAreRefused() {
        #expect(throws: SimulationError.self) { try RequestLengths(promptTokens: 0, outputTokens: 1) }
        #expect(throws: SimulationError.self) { try RequestLengths(promptTokens: 1, outputTokens: .max) }
        #expect(throws: SimulationError.self) { try LogNormalLengths(mu: .nan, sigma: 1, range: 1...2) }
        #expect(throws: SimulationError.self) { try LogNormalLengths(mu: 1, sigma: -1, range: 1...2) }
        #expect(throws: SimulationError.self) { try LogNormalLengths(mu: 1, sigma: 1, range: 0...2) }
        #expect(throws: SimulationError.self) { try LengthShape.named("novel") }
    }

    @Test func drawsThatNeverHitTheRangeEndAtItsEdge() throws {
        var source = SeededRandom(seed: 1)
        #expect(try LogNormalLengths(mu: 10, sigma: 0, range: 3...5).draw(&source) == 5)
        #expect(try LogNormalLengths(mu: 0, sigma: 0, range: 3...5).draw(&source) == 3)
        #expect(try LogNormalLengths(mu: 24, sigma: 8, range: 1...(1 << 30)).draw(&source) >= 1)
    }
}
