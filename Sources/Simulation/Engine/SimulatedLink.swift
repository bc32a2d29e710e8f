/// A one-way connection between two stages. Sending does not hold up the stage: the transfer waits for its medium, takes
/// it for as long as its bytes need, and arrives a latency later.
public struct SimulatedLink: Sendable, Hashable {
    /// Seconds from the last byte's departure to its arrival.
    public var latencySeconds: Double
    /// Above 0, and perhaps infinite.
    public var bytesPerSecond: Double
    /// What the link runs over, by a number that the caller chooses: a PCIe root, an Ethernet switch. Links of the same
    /// medium take turns. nil: a medium of its own.
    ///
    /// A medium carries one transfer at a time, the one that was sent first. Sharing it fairly would end transfers later
    /// without ending the last of them sooner.
    public var medium: Int?

    public init(latencySeconds: Double = 0, bytesPerSecond: Double = .infinity, medium: Int? = nil) {
        self.latencySeconds = latencySeconds
        self.bytesPerSecond = bytesPerSecond
        self.medium = medium
    }

    /// Takes no time.
    public static let ideal = SimulatedLink()
}

/// The connections of a pipeline: between stages for activations, and between controller and stages for messages.
public struct SimulatedNetwork: Sendable, Hashable {
    /// From stage `i` to stage `i + 1`, for activations: one less than there are stages.
    public var forward: [SimulatedLink]
    /// From the last stage to stage `i`, for the rows that its share of the output head projects: one less than there
    /// are stages. What the shares find out goes on with the message to the controller.
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

    /// Equal links everywhere. Those of a link with a medium all share it.
    /// - Parameter stages: at least 1.
    public init(stages: Int, link: SimulatedLink, dispatchSeconds: Double = 0, retireSeconds: Double = 0) {
        let links = [SimulatedLink](repeating: link, count: max(0, stages - 1))
        self.init(forward: links, toHeads: links, dispatchSeconds: dispatchSeconds, retireSeconds: retireSeconds)
    }

    /// Nothing takes time.
    public static func ideal(stages: Int) -> SimulatedNetwork { SimulatedNetwork(stages: stages, link: .ideal) }
}
