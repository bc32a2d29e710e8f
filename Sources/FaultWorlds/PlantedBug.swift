/// A deliberate bug, to show that a campaign would find it.
package enum PlantedBug: String, Sendable, Hashable, CaseIterable {
    /// The core gives a sequence a block that another sequence holds.
    case doubleGrant = "double-grant"
    /// The core's accounts are right, but stages get a wrong block: only a changed token reveals the bug.
    case wrongBlock = "wrong-block"
    /// After a stage was restored, the core emits tokens again.
    case repeatedAnswer = "repeated-answer"
    /// The core ignores a cancellation.
    case lostCancellation = "lost-cancellation"
    /// Stages run micro-batches in the order in which they become ready.
    case unorderedStages = "unordered-stages"
    /// When a stage is lost, only the micro-batches in flight are sent again, and the rest is not recomputed.
    case resentFlights = "resent-flights"
    /// The core serves one request at a time, however many the limits allow.
    case oneAtATime = "one-at-a-time"
}
