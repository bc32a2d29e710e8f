/// What joins devices or hosts.
public struct LinkKind: Sendable, Hashable {
    public let name: String
    /// Bytes a second and direction that transfers reach.
    public let bytesPerSecond: Double
    /// Seconds before the first byte arrives.
    public let latencySeconds: Double
    /// Whether all transfers of a host (or, between hosts, of the cluster) take turns on one such link: a PCIe root
    /// whose devices share an uplink, an Ethernet hub.
    public let isShared: Bool
    public let source: String

    /// Seconds in which each of `members` devices gets the sum of all their vectors of `bytes` bytes: a ring, in which
    /// each device sends 2 (n - 1) parts of 1/n to its neighbour, one after the other. On a shared link the n transfers
    /// of a turn take turns.
    ///
    /// One device needs no time.
    public func allReduceSeconds(bytes: Double, members: Int) -> Double {
        2 * allGatherSeconds(bytes: bytes, members: members)
    }

    /// Seconds in which each of `members` devices gets a vector of `bytes` bytes of which each held 1/n: a ring of
    /// (n - 1) turns.
    public func allGatherSeconds(bytes: Double, members: Int) -> Double {
        guard members > 1 else { return 0 }
        let count = Double(members)
        let part = bytes / count / bytesPerSecond * (isShared ? count : 1)
        return (count - 1) * (latencySeconds + part)
    }
}
