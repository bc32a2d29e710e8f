import Simulation
import Testing

@Suite struct DeploymentTests {
    private let catalogue = Catalogue.standard

    @Test func thePoolIsWhatTheFullestStageLeaves() throws {
        let tiny = try TinyCatalogue.catalogue()
        let deployment = try ClusterDeployment(
            model: tiny.model(named: "doll"), cluster: Cluster("2xchip", from: tiny))
        // Stage 0: 2 layers of 576 weights and 32 x 8 of embedding; stage 1: as many of output head.
        #expect(deployment.weightBytes(ofStage: 0) == Double((2 * 576 + 256) * 2))
        #expect(deployment.weightBytes(ofStage: 1) == Double((2 * 576 + 256) * 2))
        #expect(deployment.cacheBytesPerToken(ofStage: 0) == 2 * 8 * 2)
        let usable = 1_048_576 * 0.9 - 2816
        #expect(try deployment.blockCount() == Int(usable / (32 * 16)))
        #expect(try deployment.blockCount(tokensPerBlock: 1, memoryShare: 1) == (1_048_576 - 2816) / 32)
    }

    @Test func tiedEmbeddingsCountOnceOnOneStage() throws {
        let smol = try catalogue.model(named: "SmolLM2-135M")
        let one = try ClusterDeployment(model: smol, cluster: Cluster("1xL20"))
        #expect(one.weightBytes(ofStage: 0) == Double(smol.parameters * 2))
        let two = try ClusterDeployment(model: smol, cluster: Cluster("2xL20"))
        let both = two.weightBytes(ofStage: 0) + two.weightBytes(ofStage: 1)
        #expect(both == Double((smol.parameters + smol.headParameters) * 2))
    }

    @Test func theSetUpsOfTheTDPipePaperFit() throws {
        let llama = try catalogue.model(named: "Llama-2-13B")
        let four = try ClusterDeployment(model: llama, cluster: Cluster("4xL20"))
        // By hand: 43,475 MB usable a device, 6.67 GB of weights at most, 204,800 bytes a token and stage.
        let blocks = try four.blockCount()
        #expect(abs(blocks * 16 - 179_500) < 1500, "\(blocks * 16)")
        let tensor = try ClusterDeployment(model: llama, cluster: Cluster("4xL20"), plan: ParallelPlan("tp4"))
        #expect(tensor.cacheBytesPerToken(ofStage: 0) == 204_800)
        let eight = try ClusterDeployment(
            model: catalogue.model(named: "Llama-2-70B"), cluster: Cluster("4xA100-80G-PCIe"))
        #expect(try eight.blockCount() > 5000)
        // Eight key and value heads on 16 devices: each holds one, twice in all.
        let sixteen = try ClusterDeployment(
            model: catalogue.model(named: "Llama-2-70B"), cluster: Cluster("16xA100-80G-PCIe"),
            plan: ParallelPlan("tp16"))
        #expect(sixteen.cacheBytesPerToken(ofStage: 0) == 80 * 2 * 128 * 2)
    }

    @Test func whatDoesNotFitIsRefusedWithTheNumbers() throws {
        let qwen = try catalogue.model(named: "Qwen2.5-32B")
        let one = try ClusterDeployment(model: qwen, cluster: Cluster("1xL20"))
        let error = #expect(throws: SimulationError.self) { try one.blockCount() }
        #expect(error?.message.contains("62490 MiB of weights") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("41461 MiB are usable") == true)
        #expect(throws: SimulationError.self) { try one.blockCount(tokensPerBlock: 0) }
        #expect(throws: SimulationError.self) { try one.blockCount(memoryShare: 1.1) }
        let four = try Cluster("4xL20")
        for plan in ["pp3", "tp2", "pp8"] {
            #expect(throws: SimulationError.self) {
                try ClusterDeployment(model: qwen, cluster: four, plan: ParallelPlan(plan))
            }
        }
        let hosts = try Cluster("2x(3xL20)@100gbe")
        #expect(throws: SimulationError.self) {
            try ClusterDeployment(model: qwen, cluster: hosts, plan: ParallelPlan("tp2pp3"))
        }
        let wrong = try StageLayout(layers: [32, 31], vocabulary: [0, 152064])
        #expect(throws: SimulationError.self) {
            try ClusterDeployment(model: qwen, cluster: Cluster("2xL20"), layout: wrong)
        }
    }

    @Test func stagesOfOneHostUseItsLink() throws {
        let qwen = try catalogue.model(named: "Qwen2.5-32B")
        let deployment = try ClusterDeployment(
            model: qwen, cluster: Cluster("2x(4xL20@pcie4-shared)@100gbe"), plan: ParallelPlan("tp2pp4"))
        #expect(
            (0..<3).map { deployment.link(from: $0, to: $0 + 1).name } == ["pcie4-shared", "100gbe", "pcie4-shared"])
        let network = deployment.network(dispatchSeconds: 1e-4)
        #expect(network.forward.map(\.medium) == [0, nil, 1])
        #expect(network.toHeads.map(\.medium) == [nil, nil, 1])
        #expect(network.forward[1].bytesPerSecond == 12.5e9 * 0.94 && network.dispatchSeconds == 1e-4)
        #expect(deployment.timing.stages == 4 && deployment.timing.tensor == 2)
        let tiny = try TinyCatalogue.catalogue()
        let hubs = try ClusterDeployment(
            model: tiny.model(named: "doll"), cluster: Cluster("2x(2xchip@hub)@hub", from: tiny))
        #expect(
            hubs.network().forward.map(\.medium) == [0, 2, 1] && hubs.network().toHeads.map(\.medium) == [2, 2, 1])
        let alone = try ClusterDeployment(model: qwen, cluster: Cluster("1xH200"))
        #expect(alone.network().forward.isEmpty)
    }
}
