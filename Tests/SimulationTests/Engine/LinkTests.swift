import Scheduling
import Simulation
import Testing

/// Transfers and what they run over, by hand.
@Suite struct LinkTests {
    private func spans(_ link: SimulatedLink, stages: Int, layers: Int, bytes: Int, batches: Int) throws -> [Piece] {
        var pipeline = try SimulatedPipeline(
            timing: HandTiming(layers: [Int](repeating: layers, count: stages), bytesPerToken: bytes),
            network: SimulatedNetwork(stages: stages, link: link), recordsSpans: true)
        _ = try pipeline.run((0..<batches).map { MicroBatch($0) })
        return pipeline.spans.pieces
    }

    @Test func aSlowLinkCarriesOneAfterAnother() throws {
        let link = SimulatedLink(latencySeconds: 1e-9, bytesPerSecond: 1e9)
        let pieces = try spans(link, stages: 2, layers: 10, bytes: 30, batches: 3)
        // Sent at 10, 20 and 30; the link is taken 10-40, 40-70 and 70-100.
        #expect(pieces.filter { $0.stage == 0 }.map(\.from) == [0, 10, 20])
        #expect(pieces.filter { $0.stage == 1 } == [Piece(1, 0, 41, 51), Piece(1, 1, 71, 81), Piece(1, 2, 101, 111)])
    }

    @Test func linksWithMediaOfTheirOwnDoNotDisturbEachOther() throws {
        let link = SimulatedLink(bytesPerSecond: 1e9)
        let pieces = try spans(link, stages: 3, layers: 10, bytes: 10, batches: 3)
        #expect(pieces.filter { $0.stage == 1 }.map(\.from) == [20, 30, 40])
        #expect(pieces.filter { $0.stage == 2 }.map(\.from) == [40, 50, 60])
    }

    @Test func linksOfOneMediumTakeTurns() throws {
        let link = SimulatedLink(bytesPerSecond: 1e9, medium: 3)
        let pieces = try spans(link, stages: 3, layers: 10, bytes: 10, batches: 3)
        // First link 10-20, 20-30 and, sent first at 30, 30-40; the second one 40-50, 50-60 and 60-70.
        #expect(pieces.filter { $0.stage == 1 }.map(\.from) == [20, 30, 40])
        #expect(pieces.filter { $0.stage == 2 }.map(\.from) == [50, 60, 70])
    }

    @Test func latencyDoesNotTakeTheMedium() throws {
        let link = SimulatedLink(latencySeconds: 100e-9, bytesPerSecond: 1e9, medium: 0)
        let pieces = try spans(link, stages: 2, layers: 10, bytes: 10, batches: 3)
        #expect(pieces.filter { $0.stage == 1 }.map(\.from) == [120, 130, 140])
    }

    @Test(arguments: [0, -1, Double.nan])
    func refusesABandwidthThatCarriesNothing(bytesPerSecond: Double) {
        let network = SimulatedNetwork(stages: 2, link: SimulatedLink(bytesPerSecond: bytesPerSecond))
        #expect(
            code { () throws(SimulationError) in
                _ = try SimulatedPipeline(timing: HandTiming(layers: [1, 1]), network: network)
            } == .invalidSetting)
    }

    @Test(arguments: [-1e-9, Double.nan, .infinity])
    func refusesALatencyThatIsNoTime(seconds: Double) {
        let timing = HandTiming(layers: [1, 1])
        let networks = [
            SimulatedNetwork(stages: 2, link: SimulatedLink(latencySeconds: seconds)),
            SimulatedNetwork(stages: 2, link: .ideal, dispatchSeconds: seconds),
            SimulatedNetwork(stages: 2, link: .ideal, retireSeconds: seconds),
        ]
        for network in networks {
            #expect(
                code { () throws(SimulationError) in _ = try SimulatedPipeline(timing: timing, network: network) }
                    == .invalidSetting)
        }
    }

    @Test func refusesANetworkOfAnotherDepth() {
        let timing = HandTiming(layers: [1, 1])
        for network in [SimulatedNetwork.ideal(stages: 3), .init(forward: [.ideal], toHeads: [])] {
            #expect(
                code { () throws(SimulationError) in _ = try SimulatedPipeline(timing: timing, network: network) }
                    == .invalidSetting)
        }
    }
}
