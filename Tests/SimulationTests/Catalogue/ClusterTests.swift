import Simulation
import Testing

@Suite struct ClusterTests {
    @Test func namesAreRead() throws {
        let four = try Cluster("4xL20")
        #expect(four.devices == 4 && four.hosts == 1 && four.device.name == "L20")
        #expect(four.link.name == "pcie4" && four.hostLink == nil && four.name == "4xL20")
        let eight = try Cluster("8xA100-80G-PCIe@pcie4-shared")
        #expect(eight.devices == 8 && eight.link.isShared && eight.device.name == "A100-80G-PCIe")
        let hosts = try Cluster("2x(4xL20@pcie3)@100gbe")
        #expect(hosts.devices == 8 && hosts.devicesPerHost == 4 && hosts.hosts == 2)
        #expect(hosts.link.name == "pcie3" && hosts.hostLink?.name == "100gbe")
        #expect(try Cluster("2x(4xL20)@100gbe").link.name == "pcie4")
        #expect(try Cluster("H200").devices == 1)
        #expect(try Cluster(" 16x RTX-4090 ").devices == 16)
    }

    @Test(arguments: [
        "", "4x", "4xL20@", "4xL20@pcie4@pcie3", "0xL20", "2000xL20", "99999999999999999999xL20", "2x(4xL20)",
        "2(4xL20)@1gbe",
        "x(L20)@1gbe", "2x(4xL20)1gbe", "4xL99", "4xL20@string", "2x(4xL20)@string", "(L20)", "-1xL20", "2x()@1gbe",
        ")(",
    ])
    func whatIsNoClusterIsRefused(text: String) {
        #expect(throws: SimulationError.self) { try Cluster(text) }
    }

    @Test func plansAreRead() throws {
        for (text, pipeline, tensor) in [
            ("pp4", 4, 1), ("tp4", 1, 4), ("tp2pp2", 2, 2), ("PP2TP2", 2, 2), ("pp1", 1, 1),
        ] {
            let plan = try ParallelPlan(text)
            #expect(plan.pipeline == pipeline && plan.tensor == tensor && plan.devices == pipeline * tensor)
            #expect(try ParallelPlan(plan.description) == plan)
        }
        #expect(try ParallelPlan("pp2tp4").description == "tp4pp2")
    }

    @Test(arguments: ["", "pp", "pp0", "tp2048", "4pp", "pp2pp2", "xp2", "pp2,tp2", "pp-1", "pp99999999999999999999"])
    func whatIsNoPlanIsRefused(text: String) {
        #expect(throws: SimulationError.self) { try ParallelPlan(text) }
    }

    @Test func ringsTakeTheirTurns() throws {
        let catalogue = try TinyCatalogue.catalogue()
        let (slow, hub) = (try catalogue.link(named: "slow"), try catalogue.link(named: "hub"))
        // 2 (n - 1) turns of 1 s and of a quarter of 400 bytes at 1,000 bytes/s.
        #expect(isClose(slow.allReduceSeconds(bytes: 400, members: 4), 6 * (1 + 0.1)))
        #expect(isClose(slow.allGatherSeconds(bytes: 400, members: 4), 3 * (1 + 0.1)))
        // On the hub, four transfers follow each other in each turn.
        #expect(isClose(hub.allReduceSeconds(bytes: 400, members: 4), 6 * (1 + 0.4)))
        #expect(slow.allReduceSeconds(bytes: 400, members: 1) == 0)
    }
}
