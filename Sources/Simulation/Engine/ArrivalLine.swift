import Scheduling

/// The requests of a run in the order of their arrival.
struct ArrivalLine: Sendable {
    let requests: [SimulatedRequest]
    /// Numbers of requests, by arrival and then by number.
    private let order: [Int]
    /// The number of requests at the front of the line that were told to the core.
    private var told = 0
    /// The number of requests at the front of the line whose arrival the controller has noticed.
    private var noticed = 0

    /// - Throws: `invalid_request` for a request without prompt or output tokens, or with a negative arrival time.
    init(_ requests: [SimulatedRequest]) throws(SimulationError) {
        for (number, request) in requests.enumerated() {
            guard request.promptTokens > 0, request.outputTokens > 0, request.arrival >= .zero else {
                throw SimulationError(
                    .invalidRequest,
                    "request \(number) has \(request.promptTokens) prompt tokens, \(request.outputTokens) output "
                        + "tokens and arrives at \(request.arrival.nanoseconds) ns; at least 1, 1 and 0 are needed")
            }
        }
        self.requests = requests
        order = requests.indices.sorted {
            (requests[$0].arrival, $0) < (requests[$1].arrival, $1)
        }
    }

    var isEmpty: Bool { told == order.count }

    /// The next arrival that the controller has not noticed; nil if there is none.
    var nextArrival: Instant? { noticed < order.count ? requests[order[noticed]].arrival : nil }

    /// The controller notices all requests that have arrived by now.
    mutating func notice(at now: Instant) {
        while let arrival = nextArrival, arrival <= now { noticed += 1 }
    }

    /// The number of the next request that the controller has noticed; nil if there is none.
    mutating func next() -> Int? {
        guard told < noticed else { return nil }
        defer { told += 1 }
        return order[told]
    }
}
