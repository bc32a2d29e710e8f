import Scheduling

/// How often things go wrong in a world, until its faults end. Shares are in percent.
struct FaultRates: Sendable {
    /// Nanoseconds between two draws of faults, in the mean.
    var interval: Int64
    /// Share of the draws at which a stage is lost.
    var loss: Int
    /// Share of the draws at which a stage becomes slow, or quick again.
    var slowness: Int
    /// Share of the draws at which a request is cancelled.
    var cancellation: Int
    /// Share of the messages that are delayed.
    var delay: Int
    /// Share of the messages that come twice.
    var repetition: Int
    /// The longest delay of a message, in nanoseconds.
    var longestDelay: Int64
    /// The longest time until a loss is noticed, in nanoseconds.
    var longestNotice: Int64
    /// The longest time that a stage is away, in nanoseconds.
    var longestOutage: Int64
    /// The number of micro-batches after which faults end.
    var microBatches: Int
    /// The number of draws after which faults end.
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
    /// The answer of the model to this request alone; empty if the request has to be refused.
    let answer: [TokenID]
    /// The number of tokens at which the caller ends the answer; nil if the caller does not end it.
    let stop: Int?
    /// Nanoseconds that the caller takes to end the answer; 0 if it ends the answer at once.
    let stopDelay: Int64
}
