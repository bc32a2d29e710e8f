import Platform
import Scheduling

/// Requests to simulate, made from a seed: lengths, arrivals and predictions.
public struct SimulatedWorkload: Sendable, Hashable {
    /// The source of the lengths.
    public enum Lengths: Sendable, Hashable {
        /// Drawn from a shape.
        case shape(LengthShape)
        /// Drawn without replacement from a list, which may not be empty; once all are used, from the whole list again.
        case list([RequestLengths])
    }
    /// In the order of arrival.
    public let requests: [SimulatedRequest]
    /// Requests that may be under way at once; nil: any number.
    public let clients: Int?

    /// Makes `count` requests. Lengths, arrivals and predictions have separate random generators: a change to one of
    /// the three leaves the others as they were, so that policies and predictors are compared on the same requests.
    ///
    /// - Parameter predictions: nil for requests without predictions.
    /// - Throws: `invalid_setting` for fewer than one request, or an empty list of lengths.
    public init(
        _ lengths: Lengths, count: Int, arrivals: ArrivalProcess = .offline, predictions: PredictionModel? = nil,
        seed: UInt64
    ) throws(SimulationError) {
        guard 1...(1 << 30) ~= count else {
            throw SimulationError(.invalidSetting, "\(count) requests were asked for; 1...\(1 << 30) are possible")
        }
        var root = SeededRandom(seed: seed)
        var (forLengths, forArrivals) = (root.split(), root.split())
        let drawn = try Self.draw(lengths, count, &forLengths)
        let times = arrivals.times(count, &forArrivals)
        let requests = zip(drawn, times).map { lengths, time in
            SimulatedRequest(
                arrival: time, promptTokens: lengths.promptTokens, outputTokens: lengths.outputTokens,
                forecast: lengths.forecast)
        }
        self.init(requests, clients: arrivals.clients, predictions: predictions, root.split())
    }

    /// The requests of a trace.
    public init(_ trace: RequestTrace, predictions: PredictionModel? = nil, seed: UInt64 = 0) {
        self.init(trace.requests, clients: nil, predictions: predictions, SeededRandom(seed: seed))
    }

    /// Requests that were made already.
    /// - Parameters:
    ///   - requests: in the order of arrival.
    ///   - clients: requests that may be under way at once; nil: any number.
    package init(_ requests: [SimulatedRequest], clients: Int?) {
        self.requests = requests
        self.clients = clients
    }

    private init(
        _ requests: [SimulatedRequest], clients: Int?, predictions: PredictionModel?, _ source: SeededRandom
    ) {
        self.clients = clients
        guard let predictions else {
            self.requests = requests
            return
        }
        var source = source
        let predicted = predictions.predictions(for: requests.map(\.outputTokens), &source)
        self.requests = zip(requests, predicted).map { request, tokens in
            var changed = request
            changed.predictedTokens = tokens
            return changed
        }
    }

    private static func draw(
        _ lengths: Lengths, _ count: Int, _ source: inout SeededRandom
    ) throws(SimulationError) -> [RequestLengths] {
        switch lengths {
        case .shape(let shape):
            return (0..<count).map { _ in
                let prompt = shape.prompt.draw(&source)
                return RequestLengths(known: prompt, shape.output.draw(&source))
            }
        case .list(let list):
            guard !list.isEmpty else {
                throw SimulationError(.invalidSetting, "a list of lengths is empty; at least one request is needed")
            }
            var left = list
            return (0..<count).map { _ in
                if left.isEmpty { left = list }
                // Swaps the drawn entry with the last one: the remaining entries need no order.
                left.swapAt(source.integer(in: 0...(left.count - 1)), left.count - 1)
                return left.removeLast()
            }
        }
    }
}
