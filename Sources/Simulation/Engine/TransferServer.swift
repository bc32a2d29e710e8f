import Scheduling

/// The links of a pipeline at work: transfers wait for their medium in the order in which they were sent.
struct TransferServer: Sendable {
    private struct Link: Sendable {
        let latency: Int64
        let bytesPerSecond: Double
        /// The index of the medium in `free`.
        let medium: Int
    }
    private let links: [Link]
    /// When each medium has carried all its transfers.
    private var free: [Instant]
    /// Nanoseconds for which the transfers of each link occupied the medium.
    private(set) var busy: [Int64]

    /// - Throws: `invalid_setting` for a link with an impossible bandwidth or latency.
    init(_ links: [SimulatedLink]) throws(SimulationError) {
        var prepared: [Link] = []
        // The number that the caller gave each medium; nil for a medium of a single link.
        var media: [Int?] = []
        for (index, link) in links.enumerated() {
            guard link.bytesPerSecond > 0 else {
                throw SimulationError(
                    .invalidSetting, "link \(index) carries \(link.bytesPerSecond) bytes/s; it must be above 0")
            }
            let latency = try VirtualTime.nanoseconds(link.latencySeconds, of: "the latency of link \(index)")
            let shared = link.medium.flatMap { number in media.firstIndex { $0 == number } }
            if shared == nil { media.append(link.medium) }
            prepared.append(
                Link(latency: latency, bytesPerSecond: link.bytesPerSecond, medium: shared ?? media.count - 1))
        }
        self.links = prepared
        free = [Instant](repeating: .zero, count: media.count)
        busy = [Int64](repeating: 0, count: links.count)
    }

    /// Sends bytes over a link. Calls must be in the order of time. Returns the time at which the last byte arrives.
    mutating func send(bytes: Int, over link: Int, at now: Instant) throws(SimulationError) -> Instant {
        let taken = try VirtualTime.nanoseconds(
            Double(bytes) / links[link].bytesPerSecond, of: "a transfer of \(bytes) bytes over link \(link)")
        let end = try max(now, free[links[link].medium]).later(taken)
        free[links[link].medium] = end
        busy[link] += taken
        return try end.later(links[link].latency)
    }
}
