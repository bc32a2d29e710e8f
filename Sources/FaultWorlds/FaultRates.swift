import Scheduling

/// What goes wrong in a world, until its faults end. Shares are in percent.
struct FaultRates: Sendable {
    /// Nanoseconds between two draws of what happens to a stage or a request.
    var interval: Int64
    /// At a draw: a stage is lost, a stage becomes slow or quick again, a request is cancelled.
    var loss: Int
    var slowness: Int
    var cancellation: Int
    /// Of a message: it is delayed, or comes once more.
    var delay: Int
    var repetition: Int
    /// The longest delay, the longest time until a loss is noticed, and the longest time that a stage is away, in
    /// nanoseconds.
    var longestDelay: Int64
    var longestNotice: Int64
    var longestOutage: Int64
    /// Faults end after so many micro-batches, or so many draws.
    var microBatches: Int
    var draws: Int

    /// A world in which nothing goes wrong.
    static let none = FaultRates(
        interval: 1, loss: 0, slowness: 0, cancellation: 0, delay: 0, repetition: 0, longestDelay: 0, longestNotice: 0,
        longestOutage: 0, microBatches: 0, draws: 0)
}

/// A request of a world with faults.
struct FaultyRequest: Sendable {
    let arrival: Instant
    let spec: RequestSpec
    /// What it answers alone; empty if it has to be refused.
    let answer: [TokenID]
    /// The caller ends the answer when it has so many tokens; nil if it does not.
    let stop: Int?
    /// Nanoseconds that the caller takes for it; 0: it does so at once.
    let stopDelay: Int64
}
