/// A one-way connection between two stages. Sending does not hold up the stage: the transfer waits for its medium,
/// occupies the medium for as long as its bytes need, and arrives a latency later.
public struct SimulatedLink: Sendable, Hashable {
    /// Seconds from the last byte's departure to its arrival.
    public var latencySeconds: Double
    /// Above 0; may be infinite.
    public var bytesPerSecond: Double
    /// The medium of the link (a PCIe root, an Ethernet switch), as a number that the caller chooses. Links of the same
    /// medium take turns. nil: a medium of its own.
    ///
    /// A medium carries one transfer at a time, in the order of sending. Fair sharing would end the earlier transfers
    /// later, and the last one no sooner.
    public var medium: Int?

    public init(latencySeconds: Double = 0, bytesPerSecond: Double = .infinity, medium: Int? = nil) {
        self.latencySeconds = latencySeconds
        self.bytesPerSecond = bytesPerSecond
        self.medium = medium
    }

    /// A link that takes no time.
    public static let ideal = SimulatedLink()
}

/// The connections of a pipeline: between stages for activations, and between controller and stages for messages.
public struct SimulatedNetwork: Sendable, Hashable {
    /// Links from stage `i` to stage `i + 1`, for activations: one less than there are stages.
    public var forward: [SimulatedLink]
    /// Links from the last stage to stage `i`, for the rows that stage `i` projects with its share of the output head:
    /// one less than there are stages. The results of the shares travel with the message to the controller.
    public var toHeads: [SimulatedLink]
    /// Seconds of a micro-batch's metadata from the controller to every stage.
    public var dispatchSeconds: Double
    /// Seconds of the drawn tokens from a stage to the controller.
    public var retireSeconds: Double

    public init(
        forward: [SimulatedLink], toHeads: [SimulatedLink], dispatchSeconds: Double = 0, retireSeconds: Double = 0
    ) {
        self.forward = forward
        self.toHeads = toHeads
        self.dispatchSeconds = dispatchSeconds
        self.retireSeconds = retireSeconds
    }

    /// Equal links everywhere. If `link` has a medium, all links share it.
    /// - Parameter stages: at least 1.
    public init(stages: Int, link: SimulatedLink, dispatchSeconds: Double = 0, retireSeconds: Double = 0) {
        let links = [SimulatedLink](repeating: link, count: max(0, stages - 1))
        self.init(forward: links, toHeads: links, dispatchSeconds: dispatchSeconds, retireSeconds: retireSeconds)
    }

    /// A network that takes no time.
    public static func ideal(stages: Int) -> SimulatedNetwork { SimulatedNetwork(stages: stages, link: .ideal) }
}
