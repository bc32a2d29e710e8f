import Platform
import Scheduling
import Simulation

/// A world in which an invariant did not hold.
package struct FuzzFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package let seed: UInt64
    /// The world in one line.
    package let world: String
    package let violation: FaultViolation

    /// The command that brings it back.
    package var command: String { FuzzCampaign.command(seed: seed) }

    package var description: String {
        "seed \(seed) violates \(violation)\n  world: \(world)\n  again: \(command)"
    }
}

/// What a campaign found.
package struct FuzzReport: Sendable, Hashable {
    /// Worlds that were run, the failed one counted.
    package internal(set) var seeds = 0
    /// nil if every invariant held in every world.
    package internal(set) var failure: FuzzFailure?
    package internal(set) var totals = FaultTotals()
    /// Stands for the logs of all worlds: equal campaigns give equal digests in any process.
    package internal(set) var digest = Fingerprint()
}

/// Deterministic fault testing of the scheduling core and its policies: one world with faults for each seed, each run
/// until all of its requests have ended, with every invariant checked at every event.
///
/// In each world there is a phase in which stages are lost and come back, are slow, requests are cancelled, and messages
/// are delayed and come twice; in the phase after it, nothing goes wrong any more and every request has to end.
///
/// A bug that ends the process (a failed precondition) ends the campaign too: tell the seeds that begin with
/// `willRun`, so that the last one is known.
package enum FuzzCampaign {
    /// Runs the worlds of `count` seeds from `first` on, until one fails.
    ///
    /// - Parameters:
    ///   - planted: a bug on purpose, to see whether it is found.
    ///   - willRun: called before each world with its seed; false ends the campaign, for whoever has a clock.
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

    /// Runs one world and keeps all that happened in it, one line an event.
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
