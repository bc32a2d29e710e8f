import Platform
import Scheduling
import Simulation
import Testing

@Suite struct ArrivalTests {
    private func gaps(_ kind: ArrivalProcess.Kind, _ count: Int = 100_000) throws -> (mean: Double, variation: Double) {
        var source = SeededRandom(seed: 11)
        let times = try ArrivalProcess(kind).times(count, &source).map(\.seconds)
        #expect(times == times.sorted() && times.count == count)
        let gaps = zip([0] + times, times).map { $1 - $0 }
        let mean = gaps.reduce(0, +) / Double(count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
        return (mean, variance.squareRoot() / mean)
    }

    @Test func processesHaveTheirRateAndVariation() throws {
        let poisson = try gaps(.poisson(rate: 4))
        #expect(abs(poisson.mean - 0.25) < 0.005 && abs(poisson.variation - 1) < 0.02)
        for variation in [0.3, 1.0, 2.5] {
            let gamma = try gaps(.gamma(rate: 4, variation: variation))
            #expect(abs(gamma.mean - 0.25) < 0.01, "\(variation)")
            #expect(abs(gamma.variation / variation - 1) < 0.04, "\(variation): \(gamma.variation)")
        }
    }

    @Test func offlineAndClosedRequestsAreThereFromTheBeginning() throws {
        var source = SeededRandom(seed: 1)
        #expect(ArrivalProcess.offline.times(3, &source) == [.zero, .zero, .zero])
        let closed = try ArrivalProcess(.closed(clients: 8))
        #expect(closed.times(2, &source) == [.zero, .zero] && closed.clients == 8)
        #expect(ArrivalProcess.offline.clients == nil && ArrivalProcess.offline.times(0, &source).isEmpty)
        let workload = try SimulatedWorkload(.shape(.alpaca), count: 3, arrivals: closed, seed: 1)
        #expect(workload.clients == 8)
    }

    @Test(arguments: [
        ArrivalProcess.Kind.poisson(rate: 0), .poisson(rate: .nan), .poisson(rate: .infinity), .poisson(rate: -1),
        .gamma(rate: 1, variation: 0), .gamma(rate: 0, variation: 1), .closed(clients: 0),
    ])
    func impossibleProcessesAreRefused(kind: ArrivalProcess.Kind) {
        let error = #expect(throws: SimulationError.self) { try ArrivalProcess(kind) }
        #expect(error?.code == .invalidSetting)
    }

    @Test func theSlowestArrivalsStayOnTheClock() throws {
        var source = SeededRandom(seed: 2)
        let times = try ArrivalProcess(.gamma(rate: 1e-6, variation: 100)).times(20_000, &source)
        #expect(times.allSatisfy { $0.nanoseconds <= 1 << 61 } && times == times.sorted())
    }
}
