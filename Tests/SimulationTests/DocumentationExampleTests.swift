import Scheduling
import Simulation
import Testing

/// The example of the module's documentation, held to it by ArchitectureTests.
@Suite struct DocumentationExampleTests {
    @Test func theExampleRuns() throws {
        let model = try Catalogue.standard.model(named: "Llama-2-13B")
        let cluster = try Cluster("4xL20")
        let deployment = try ClusterDeployment(model: model, cluster: cluster)
        let configuration = EngineConfiguration(
            stages: 4, tokensPerBlock: 16, blockCount: try deployment.blockCount(), contextLength: model.contextLength)
        let simulation = PipelineSimulation(
            configuration: configuration, timing: deployment.timing, network: deployment.network())
        let requests = (0..<100).map { _ in SimulatedRequest(promptTokens: 200, outputTokens: 100) }
        let run = try simulation.run(requests, policy: HybridPolicy())
        print(run.totalTokensPerSecond, run.bubbleRatio)
        #expect(run.requests.count == 100 && run.totalTokensPerSecond > 0 && (0..<1).contains(run.bubbleRatio))
    }
}
