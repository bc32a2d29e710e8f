import Scheduling
import Simulation

/// Finds the goodput: the highest rate at which a share of the requests, 90 % by default, meets a service level, and at
/// which answers are made as fast as they are asked for.
///
/// A workload of few requests may be over before its backlog is long enough to miss the level: then the level alone would
/// be met at many times the rate that the machine can serve. Therefore nine tenths of the tokens that were asked for must
/// have been made when the last request comes. Tokens, not requests: the first requests to end are those with short
/// answers. Where the run is short against its answers this bounds the rate far below what the machine can serve, and the
/// result is open.
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
        /// The lowest rate tried that does not hold; nil if all rates hold.
        package let ceiling: Double?
        /// Whether the goodput may be higher: the ceiling meets the level, but its answers are not made as fast as they are
        /// asked for, so that a longer workload has to show more; or there is no ceiling.
        package let isOpen: Bool
        /// The number of simulations.
        package let runs: Int
    }

    private static let rates = 1e-3...1e5
    /// The share of the tokens asked for that must have been made when the last request comes.
    private static let madeShare = 0.9

    private struct Trial {
        let attainment: Double
        let meetsLevel: Bool
        let keepsUp: Bool
        var holds: Bool { meetsLevel && keepsUp }
    }

    /// Whether answers are made as fast as they are asked for: when the last request comes, most tokens of those before
    /// it have been made.
    private static func keepsUp(_ requests: [RequestOutcome]) -> Bool {
        guard let last = requests.map(\.arrival).max() else { return true }
        var (asked, made) = (0.0, 0.0)
        for request in requests where request.arrival < last {
            asked += Double(request.generated)
            made += request.tokens(upTo: last)
        }
        return made >= madeShare * asked
    }

    /// Searches for one policy. The study's own arrivals give the kind of process; without a rate it becomes Poisson.
    package func search(_ study: Study, _ policy: StudyPolicy) throws(SimulationError) -> Result {
        var runs = 0
        var study = study
        study.recordsRuns = false
        let arrivals = study.settings.arrivals
        func trial(_ rate: Double) throws(SimulationError) -> Trial {
            runs += 1
            study.settings.arrivals = try arrivals.with(rate: rate)
            let requests = try study.run(policy).outcome.requests
            let attainment = level.attainment(requests)
            return Trial(
                attainment: attainment, meetsLevel: attainment >= share, keepsUp: Self.keepsUp(requests))
        }
        // Large steps first: a few runs find the range, however far the goodput is from the first rate.
        var low: (rate: Double, trial: Trial)?
        var high: (rate: Double, trial: Trial)?
        var rate = 1.0
        while low == nil || high == nil {
            let trial = try trial(rate)
            if trial.holds {
                low = (rate, trial)
                guard rate < Self.rates.upperBound else { break }
                rate = min(rate * 4, Self.rates.upperBound)
            } else {
                high = (rate, trial)
                guard rate > Self.rates.lowerBound else { break }
                rate = max(rate / 4, Self.rates.lowerBound)
            }
        }
        while let bottom = low?.rate, let top = high?.rate, top > bottom * precision {
            let middle = (bottom * top).squareRoot()
            let trial = try trial(middle)
            if trial.holds { low = (middle, trial) } else { high = (middle, trial) }
        }
        return Result(
            rate: low?.rate ?? 0, attainment: (low ?? high)?.trial.attainment ?? 0, ceiling: high?.rate,
            isOpen: high?.trial.meetsLevel ?? true, runs: runs)
    }
}

extension RequestOutcome {
    /// Tokens of the answer that were made by a moment, if those after the first came at equal distances; 0 for a refused
    /// request.
    fileprivate func tokens(upTo moment: Instant) -> Double {
        guard let firstToken, let end, firstToken <= moment else { return 0 }
        guard end > moment else { return Double(generated) }
        return 1 + Double(generated - 1) * moment.seconds(since: firstToken) / end.seconds(since: firstToken)
    }
}
