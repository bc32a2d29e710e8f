/// How a simulated controller works, and which records of a run are kept.
public struct SimulationOptions: Sendable, Hashable {
    /// The number of requests that are kept waiting in the core, ahead of need; further arrivals wait outside the core.
    /// The runtime's driver keeps the same number.
    public var lookahead = 512
    /// Closed arrival: at most this many requests are under way, each of a client that sends its next request when the
    /// last one has ended. Arrival times are then lower bounds. nil: open arrival.
    public var clients: Int?
    /// Seconds that the controller takes for each micro-batch that it dispatches. It decides at once, and the messages
    /// leave one after another; events that come meanwhile wait.
    public var controllerSeconds = 0.0
    /// Whether steps and spans are kept for a timeline: some hundred bytes a micro-batch and stage.
    public var recordsRun = true
    public var log = SimulationLog.Level.off
    /// The core's accounts are checked at the end, and when nothing is in flight and at least this many micro-batches
    /// have passed since the last check. A check takes time proportional to the pool. 1: whenever nothing is in flight.
    public var microBatchesPerCheck = 1000
    /// The model's name in the recording.
    public var model = "simulated"

    public init() {}

    /// - Throws: `invalid_setting` for a number outside its limits.
    func validate() throws(SimulationError) {
        for (name, value) in [
            ("lookahead", lookahead), ("clients", clients ?? 1), ("microBatchesPerCheck", microBatchesPerCheck),
        ] where value < 1 {
            throw SimulationError(.invalidSetting, "\(name) is \(value); it must be at least 1")
        }
    }
}
