import Platform
import Scheduling
import Simulation

/// A world drawn by lot: a machine, a pool, a policy and requests.
struct World {
    let seed: UInt64
    let policy: String
    private(set) var timing: HandTiming
    let network: SimulatedNetwork
    let configuration: EngineConfiguration
    let requests: [SimulatedRequest]
    var options = SimulationOptions()

    /// - Parameter movesBorders: whether stages take layers of each other.
    init(seed: UInt64, policy: String? = nil, stages: Int? = nil, movesBorders: Bool = false) {
        var random = SeededRandom(seed: seed)
        let stages = stages ?? random.integer(in: 1...16)
        self.seed = seed
        self.policy = policy ?? PolicyCatalogue.names[random.integer(in: 0...PolicyCatalogue.names.count - 1)]
        timing = HandTiming(
            layers: (0..<stages).map { _ in random.integer(in: 0...2000) }, perToken: random.integer(in: 0...100),
            head: (0..<stages).map { _ in max(0, random.integer(in: -50...50)) },
            bytesPerToken: random.integer(in: 0...64))
        timing.headPieces = [1, 1, 4, 16][Int(seed % 4)]
        if movesBorders { timing.layerPieces = (0..<stages).map { 1 + (Int(seed) + $0) % 7 } }
        network = Self.network(stages: stages, &random)
        let perBlock = random.integer(in: 1...16)
        configuration = EngineConfiguration(
            stages: stages, tokensPerBlock: perBlock, blockCount: 100 / perBlock + random.integer(in: 2...60),
            contextLength: 100, prefillChunk: random.integer(in: 1...64), maxSequences: random.integer(in: 1...40))
        let spread = random.integer(in: 0...1) * 100_000
        requests = (0..<random.integer(in: 1...40)).map { _ in
            SimulatedRequest(
                arrival: Instant(nanoseconds: Int64(random.integer(in: 0...spread))),
                promptTokens: random.integer(in: 1...60), outputTokens: random.integer(in: 1...40),
                predictedTokens: random.integer(in: 1...40))
        }
        options.lookahead = random.integer(in: 1...64)
        options.controllerSeconds = Double(random.integer(in: 0...1) * random.integer(in: 0...500)) * 1e-9
        options.microBatchesPerCheck = 1
        if random.integer(in: 0...3) == 0 { options.clients = random.integer(in: 1...8) }
    }

    private static func network(stages: Int, _ random: inout SeededRandom) -> SimulatedNetwork {
        func links() -> [SimulatedLink] {
            (0..<stages - 1).map { _ in
                SimulatedLink(
                    latencySeconds: Double(random.integer(in: 0...300)) * 1e-9,
                    bytesPerSecond: random.integer(in: 0...2) == 0 ? .infinity : 1e9,
                    medium: [nil, 7, 8][random.integer(in: 0...2)])
            }
        }
        return SimulatedNetwork(
            forward: links(), toHeads: links(), dispatchSeconds: Double(random.integer(in: 0...200)) * 1e-9,
            retireSeconds: Double(random.integer(in: 0...200)) * 1e-9)
    }

    func run() throws -> SimulatedRun {
        try PipelineSimulation(configuration: configuration, timing: timing, network: network, options: options)
            .run(
                requests, policyNamed: policy,
                settings: PolicySettings(costs: KnownStepCost(timing), lengths: PredictedLengths(requests)))
    }
}
