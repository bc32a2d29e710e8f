import Scheduling
import Simulation

/// Finds the goodput: the highest rate at which a share of the requests, 90 % by default, meets a service level.
///
/// All rates use the arrivals of one seed, stretched or squeezed. The search bisects on a logarithmic scale, and
/// assumes that more requests a second never make the level easier to meet.
package struct GoodputSearch: Sendable {
    package var level: ServiceLevel
    package var share: Double
    /// The search ends when the bounds are nearer than this factor.
    package var precision = 1.01

    /// - Throws: `invalid_setting` for an open level, or a share that is not above 0 and at most 1.
    package init(level: ServiceLevel, share: Double = 0.9) throws(SimulationError) {
        guard !level.isOpen else {
            throw SimulationError(.invalidSetting, "a search for goodput needs a limit of TTFT, of TPOT or of both")
        }
        guard share > 0, share <= 1 else {
            throw SimulationError(
                .invalidSetting, "a share of \(share) of the requests was asked for; above 0 and at most 1 is possible")
        }
        self.level = level
        self.share = share
    }

    package struct Result: Sendable, Hashable {
        /// Requests a second; 0 if no rate meets the level.
        package let rate: Double
        /// The share of the requests that meet the level at this rate.
        package let attainment: Double
        /// The lowest rate tried that does not meet the level; nil if all rates meet it.
        package let ceiling: Double?
        /// Whether even the highest rate tried meets the level: then the workload is too short to tell.
        package var isOpen: Bool { ceiling == nil }
        /// The number of simulations.
        package let runs: Int
    }

    private static let rates = 1e-3...1e5

    /// Searches for one policy. The study's own arrivals give the kind of process; without a rate it becomes Poisson.
    package func search(_ study: Study, _ policy: StudyPolicy) throws(SimulationError) -> Result {
        var runs = 0
        var study = study
        study.recordsRuns = false
        let arrivals = study.settings.arrivals
        func attainment(_ rate: Double) throws(SimulationError) -> Double {
            runs += 1
            study.settings.arrivals = try arrivals.with(rate: rate)
            return level.attainment(try study.run(policy).outcome.requests)
        }
        // Large steps first: a few runs find the range, however far the goodput is from the first rate.
        var (low, high) = (0.0, Double.infinity)
        var kept = 0.0
        var rate = 1.0
        while low == 0 || high == .infinity {
            let share = try attainment(rate)
            if share >= self.share {
                (low, kept) = (rate, share)
                guard rate < Self.rates.upperBound else {
                    return Result(rate: low, attainment: kept, ceiling: nil, runs: runs)
                }
                rate = min(rate * 4, Self.rates.upperBound)
            } else {
                high = rate
                guard rate > Self.rates.lowerBound else {
                    return Result(rate: 0, attainment: share, ceiling: high, runs: runs)
                }
                rate = max(rate / 4, Self.rates.lowerBound)
            }
        }
        while high > low * precision {
            let middle = (low * high).squareRoot()
            let share = try attainment(middle)
            if share >= self.share { (low, kept) = (middle, share) } else { high = middle }
        }
        return Result(rate: low, attainment: kept, ceiling: high, runs: runs)
    }
}
