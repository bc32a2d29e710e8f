import Platform
import Scheduling
import Simulation

/// A world in which an invariant did not hold.
package struct FuzzFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package let seed: UInt64
    /// The world in one line.
    package let world: String
    package let violation: FaultViolation

    /// The command that reproduces the failure.
    package var command: String { FuzzCampaign.command(seed: seed) }

    package var description: String {
        "seed \(seed) violates \(violation)\n  world: \(world)\n  again: \(command)"
    }
}

/// The result of a campaign.
package struct FuzzReport: Sendable, Hashable {
    /// Worlds that were run, including the one that failed.
    package internal(set) var seeds = 0
    /// nil if every invariant held in every world.
    package internal(set) var failure: FuzzFailure?
    package internal(set) var totals = FaultTotals()
    /// A digest of the logs of all worlds: equal campaigns give equal digests in any process.
    package internal(set) var digest = Fingerprint()
}

/// Deterministic fault testing of the scheduling core and its policies: one world with faults for each seed, each run
/// until all of its requests have ended, with every invariant checked at every event.
///
/// Each world has a phase of faults: stages are lost and come back, stages are slow, requests are cancelled, and
/// messages are delayed and come twice. After this phase nothing goes wrong any more, and every request has to end.
///
/// A bug that ends the process (a failed precondition) ends the campaign too: print each seed in `willRun`, so that the
/// failed one is known.
package enum FuzzCampaign {
    /// Runs the worlds of `count` seeds from `first` on, until one fails.
    ///
    /// - Parameters:
    ///   - planted: a deliberate bug, to see whether the campaign finds it.
    ///   - willRun: called before each world with its seed; returns false to end the campaign (at a time limit).
    package static func run(
        first: UInt64 = 0, seeds count: Int, planted: PlantedBug? = nil, willRun: (UInt64) -> Bool = { _ in true }
    ) -> FuzzReport {
        var report = FuzzReport()
        for offset in 0..<max(0, count) {
            let seed = first &+ UInt64(offset)
            guard willRun(seed) else { break }
            var simulation = FaultSimulation(FaultWorld(seed: seed), planted: planted)
            report.seeds += 1
            do {
                try simulation.run()
            } catch {
                report.failure = FuzzFailure(
                    seed: seed, world: simulation.world.description, violation: error)
            }
            report.digest.add(Int(truncatingIfNeeded: simulation.log.digest.value))
            if report.failure != nil { break }
            report.totals.add(simulation.totals)
        }
        return report
    }

    /// Runs one world and keeps its whole log, one line per event.
    package static func trace(
        seed: UInt64, planted: PlantedBug? = nil
    ) -> (log: SimulationLog, failure: FuzzFailure?) {
        var simulation = FaultSimulation(FaultWorld(seed: seed), planted: planted, log: .text)
        do {
            try simulation.run()
            return (simulation.log, nil)
        } catch {
            let failure = FuzzFailure(seed: seed, world: simulation.world.description, violation: error)
            return (simulation.log, failure)
        }
    }

    /// The command that runs the world of one seed.
    package static func command(seed: UInt64) -> String { "tideway simulate fuzz --seeds 1 --seed \(seed)" }
}
