/// A bug that a campaign is given on purpose, to show that it would be found.
package enum PlantedBug: String, Sendable, Hashable, CaseIterable {
    /// The core gives a sequence a block that another one holds.
    case doubleGrant = "double-grant"
    /// The core's accounts are right, but stages are sent to a wrong block: only a changed token tells.
    case wrongBlock = "wrong-block"
    /// After a stage was restored, the core emits tokens again.
    case repeatedAnswer = "repeated-answer"
    /// The core passes over a cancellation.
    case lostCancellation = "lost-cancellation"
    /// Stages take micro-batches in the order in which these become ready.
    case unorderedStages = "unordered-stages"
    /// When a stage is lost, the micro-batches in flight are sent again in place of computing everything again.
    case resentFlights = "resent-flights"
}
