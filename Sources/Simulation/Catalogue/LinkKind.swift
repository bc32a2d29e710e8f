/// A kind of link between devices or hosts.
public struct LinkKind: Sendable, Hashable {
    public let name: String
    /// Bytes a second that transfers reach in each direction.
    public let bytesPerSecond: Double
    /// Seconds before the first byte arrives.
    public let latencySeconds: Double
    /// Whether all transfers of a host (or, between hosts, of the cluster) take turns on a single link of this kind: a
    /// PCIe root whose devices share an uplink, an Ethernet hub.
    public let isShared: Bool
    public let source: String

    /// Seconds of an all-reduce over `members` devices with vectors of `bytes` bytes: a ring, in which each device
    /// sends 2 (n - 1) parts of 1/n to its neighbour, one after the other. On a shared link the n transfers of a step
    /// take turns. 0 for a single device.
    public func allReduceSeconds(bytes: Double, members: Int) -> Double {
        2 * allGatherSeconds(bytes: bytes, members: members)
    }

    /// Seconds of an all-gather over `members` devices that hold 1/n of a vector of `bytes` bytes: a ring of n - 1
    /// steps.
    public func allGatherSeconds(bytes: Double, members: Int) -> Double {
        guard members > 1 else { return 0 }
        let count = Double(members)
        let part = bytes / count / bytesPerSecond * (isShared ? count : 1)
        return (count - 1) * (latencySeconds + part)
    }
}
