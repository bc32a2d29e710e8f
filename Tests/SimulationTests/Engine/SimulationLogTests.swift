import Platform
import Scheduling
import Simulation
import Testing

@Suite struct SimulationLogTests {
    /// Written out, so that any process and any machine is held to the same bytes.
    @Test func theLogIsThisText() throws {
        var options = SimulationOptions()
        options.log = .text
        let simulation = PipelineSimulation(
            configuration: EngineConfiguration(stages: 2, tokensPerBlock: 4, blockCount: 9, contextLength: 20),
            timing: HandTiming(layers: [10, 20], head: [0, 3], bytesPerToken: 8),
            network: SimulatedNetwork(
                stages: 2, link: SimulatedLink(latencySeconds: 5e-9, bytesPerSecond: 1e9), retireSeconds: 1e-9),
            options: options)
        let requests = [
            SimulatedRequest(promptTokens: 4, outputTokens: 1), SimulatedRequest(promptTokens: 40, outputTokens: 1),
        ]
        let run = try simulation.run(requests, policy: SeparatePolicy())
        #expect(
            run.log.text == """
                0 arrive request=0 prompt=4 output=1
                0 arrive request=1 prompt=40 output=1
                0 refuse request=1
                0 dispatch batch=0 slices=1 tokens=4 prefill \(fingerprint([0, 0, 4, 0]))
                0 begin stage=0 batch=0 layers
                10 end stage=0 batch=0 layers
                10 send stage=0 batch=0 link=0 bytes=32 arrival=47
                47 begin stage=1 batch=0 layers
                67 end stage=1 batch=0 layers
                67 begin stage=1 batch=0 head
                70 end stage=1 batch=0 head
                71 retire batch=0
                71 first request=0
                71 finish request=0

                """)
        #expect(run.log.digest.description == "\(fingerprint(text: run.log.text))")
    }

    private func fingerprint(_ numbers: [Int]) -> Fingerprint {
        numbers.reduce(into: Fingerprint()) { $0.add($1) }
    }

    private func fingerprint(text: String) -> Fingerprint {
        text.utf8.reduce(into: Fingerprint()) { $0.add($1) }
    }

    /// The published sum of FNV-1a for this text.
    @Test func theSumOfATextIsFNV1a() {
        #expect(fingerprint(text: "foobar").description == "85944171f73967e8")
        #expect(Fingerprint().description == "cbf29ce484222325")
    }

    @Test func theSumOfNumbersTellsThemApart() {
        let sums = (-500..<500).map { fingerprint([$0]) } + (0..<500).map { fingerprint([$0, 0]) }
        #expect(Set(sums).count == sums.count)
        #expect(fingerprint([1, 2]) != fingerprint([2, 1]))
    }

    @Test(arguments: PolicyCatalogue.names)
    func equalSeedsGiveEqualBytes(policy: String) throws {
        for seed in 0..<20 as Range<UInt64> {
            var world = World(seed: seed, policy: policy)
            world.options.log = .text
            let one = try world.run()
            let again = try world.run()
            #expect(!one.log.bytes.isEmpty && one.log == again.log)
            world.options.log = .digest
            let digest = try world.run().log
            #expect(digest.bytes.isEmpty && digest.digest == one.log.digest)
        }
    }

    @Test func otherSeedsGiveOtherBytes() throws {
        let digests = try (0..<20 as Range<UInt64>).map { seed in
            var world = World(seed: seed, policy: "hybrid", stages: 2)
            world.options.log = .digest
            return try world.run().log.digest
        }
        #expect(Set(digests).count == digests.count)
    }

    @Test func nothingIsKeptUnlessAskedFor() throws {
        let log = try World(seed: 1).run().log
        #expect(log.level == .off && log.bytes.isEmpty && log.digest == Fingerprint())
    }
}
