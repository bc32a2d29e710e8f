/// An invariant that did not hold in a world with faults: a bug in the scheduling core or in a policy.
package struct FaultViolation: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was to hold. More may be added.
    package struct Invariant: Sendable, Hashable, CustomStringConvertible {
        package let name: String
        package var description: String { name }

        /// The core's accounts agree: each request stands in exactly one place, each block is free or held.
        package static let accounts = Invariant(name: "accounts")
        /// A block is within the pool, holds tokens that all of its sequences have, and is used again only after everything
        /// in flight that may touch it has retired.
        package static let blocks = Invariant(name: "blocks")
        /// A micro-batch computes what is known and was not computed, draws where it ends, and comes in its turn.
        package static let dispatch = Invariant(name: "dispatch")
        /// No more micro-batches are in flight than configuration and policy allow.
        package static let window = Invariant(name: "window")
        /// Nothing is dispatched while a stage is lost.
        package static let outage = Invariant(name: "outage")
        /// Every token is emitted once, in order, and is that which the model gives the request alone.
        package static let answers = Invariant(name: "answers")
        /// A request ends once and for the reason that it has.
        package static let endings = Invariant(name: "endings")
        /// What is told twice, too late, or of a request that is not there, changes nothing.
        package static let strays = Invariant(name: "strays")
        /// The micro-batches of td-pipe come in phases: rounds are whole and even, and nobody lags behind.
        package static let phases = Invariant(name: "phases")
        /// A retired micro-batch is reported with what it held.
        package static let reports = Invariant(name: "reports")
        /// A request begins before those that came after it, where the policy serves by arrival.
        package static let turns = Invariant(name: "turns")
        /// A policy that foresees every length preempts none.
        package static let foresight = Invariant(name: "foresight")
        /// Without further faults every request ends, within a bound of micro-batches.
        package static let liveness = Invariant(name: "liveness")
    }
    package let invariant: Invariant
    /// What was seen.
    package let message: String
    package var description: String { "\(invariant): \(message)" }

    package init(_ invariant: Invariant, _ message: String) {
        self.invariant = invariant
        self.message = message
    }
}

package func expect(
    _ holds: Bool, _ invariant: FaultViolation.Invariant, _ message: @autoclosure () -> String
) throws(FaultViolation) {
    if !holds { throw FaultViolation(invariant, message()) }
}
