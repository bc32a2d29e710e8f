/// An invariant that did not hold in a world with faults: a bug in the scheduling core or in a policy.
package struct FaultViolation: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name of an invariant. Not an enum, since invariants may be added.
    package struct Invariant: Sendable, Hashable, CustomStringConvertible {
        package let name: String
        package var description: String { name }

        /// The core's accounts agree: each request is in exactly one place, each block is free or held.
        package static let accounts = Invariant(name: "accounts")
        /// A block is within the pool, holds tokens that all of its sequences have in common, and is used again only
        /// after every micro-batch in flight that may touch it has retired.
        package static let blocks = Invariant(name: "blocks")
        /// A micro-batch computes known, uncomputed tokens, draws at the last known token, and comes in its turn.
        package static let dispatch = Invariant(name: "dispatch")
        /// No more micro-batches are in flight than configuration and policy allow.
        package static let window = Invariant(name: "window")
        /// Nothing is dispatched while a stage is lost.
        package static let outage = Invariant(name: "outage")
        /// Every token is emitted once, in order, and equals the token that the model gives to the request alone.
        package static let answers = Invariant(name: "answers")
        /// A request ends once, and for the right reason.
        package static let endings = Invariant(name: "endings")
        /// An event that is repeated, too late, or of an unknown request changes nothing.
        package static let strays = Invariant(name: "strays")
        /// The micro-batches of td-pipe come in phases: rounds are whole and even, and no request lags behind.
        package static let phases = Invariant(name: "phases")
        /// A retired micro-batch is reported with its true contents.
        package static let reports = Invariant(name: "reports")
        /// A request begins before all later arrivals (of its virtual engine, if it has one), where the policy serves by
        /// arrival.
        package static let turns = Invariant(name: "turns")
        /// A policy that foresees every length preempts no request.
        package static let foresight = Invariant(name: "foresight")
        /// Stages do not stand idle while requests wait that would fit, but for a time in which a policy learns that its
        /// forecasts are too long.
        package static let occupancy = Invariant(name: "occupancy")
        /// Without further faults every request ends, within a bound of micro-batches.
        package static let liveness = Invariant(name: "liveness")
    }
    package let invariant: Invariant
    /// What was seen in place of the invariant.
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
