import Platform
import Scheduling

/// When the requests of a workload come.
public struct ArrivalProcess: Sendable, Hashable {
    /// The kinds of process.
    public enum Kind: Sendable, Hashable {
        /// All requests come at the beginning.
        case offline
        /// Requests come independently of each other, `rate` a second.
        case poisson(rate: Double)
        /// Requests come at `rate` a second, with gaps of a gamma distribution whose standard deviation is `variation`
        /// times its mean. Above 1 the requests come in bursts; 1 is `poisson`.
        case gamma(rate: Double, variation: Double)
        /// `clients` clients, each of which sends its next request when the one before was answered. The times depend
        /// on the run: its driver enforces `clients`, and all requests are there from the beginning.
        case closed(clients: Int)
    }
    public let kind: Kind

    public static let offline = ArrivalProcess(known: .offline)

    /// - Throws: `invalid_setting` for a rate outside 1e-6...1e6, a variation outside 0.01...100, or fewer than one
    ///   client.
    public init(_ kind: Kind) throws(SimulationError) {
        func check(_ value: Double, _ what: String, _ range: ClosedRange<Double>) throws(SimulationError) {
            guard range.contains(value) else {
                throw SimulationError(
                    .invalidSetting,
                    "arrivals with a \(what) of \(value); \(range.lowerBound)...\(range.upperBound) are possible")
            }
        }
        switch kind {
        case .offline: break
        case .poisson(let rate): try check(rate, "rate", 1e-6...1e6)
        case .gamma(let rate, let variation):
            try check(rate, "rate", 1e-6...1e6)
            try check(variation, "variation", 0.01...100)
        case .closed(let clients):
            guard clients >= 1 else {
                throw SimulationError(.invalidSetting, "a workload of \(clients) clients; at least 1 is needed")
            }
        }
        self.init(known: kind)
    }

    private init(known kind: Kind) { self.kind = kind }

    /// Requests that may be under way at once; nil: any number.
    public var clients: Int? { if case .closed(let clients) = kind { clients } else { nil } }

    /// The times of `count` requests, in their order. The first request of a process with a rate comes after one gap.
    package func times(_ count: Int, _ source: inout SeededRandom) -> [Instant] {
        var seconds = 0.0
        return (0..<max(0, count)).map { _ in
            switch kind {
            case .offline, .closed: return .zero
            case .poisson(let rate): seconds += source.exponential() / rate
            case .gamma(let rate, let variation):
                let shape = 1 / (variation * variation)
                seconds += source.gamma(shape: shape) / shape / rate
            }
            return Instant(nanoseconds: Int64(min((seconds * 1e9).rounded(), 0x1p61)))
        }
    }
}
