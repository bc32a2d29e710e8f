import FaultWorlds
import Testing

@Suite struct FuzzCampaignTests {
    /// The worlds of `tideway simulate fuzz --seeds 1000`, and nine times as many.
    @Test(arguments: 0..<10)
    func everyInvariantHoldsInEveryWorld(thousand: Int) {
        let report = FuzzCampaign.run(first: UInt64(1000 * thousand), seeds: 1000)
        if let failure = report.failure { Issue.record("\(failure)") }
        #expect(report.seeds == 1000)
    }

    /// Worlds in which nothing goes wrong would prove little.
    @Test func muchGoesWrong() {
        let totals = FuzzCampaign.run(seeds: 500).totals
        #expect(totals.finished > 2000)
        #expect(totals.refused > 50)
        #expect(totals.cancellations > 50)
        #expect(totals.delayedMessages > 1000)
        #expect(totals.repeatedMessages > 1000)
        #expect(totals.microBatches > 10_000)
        #expect(totals.preemptions > 100)
        #expect(totals.stageLosses > 500)
        #expect(totals.voidMicroBatches > 500)
        #expect(totals.interruptions > 500)
        #expect(totals.strayRetirements > 500)
    }

    /// Canaries: each bug is found within the seeds that `make test` runs.
    @Test(arguments: PlantedBug.allCases)
    func plantedBugsAreFound(bug: PlantedBug) throws {
        let report = FuzzCampaign.run(seeds: 1000, planted: bug)
        let failure = try #require(report.failure)
        #expect(report.seeds <= 1000)
        let expected: [PlantedBug: [FaultViolation.Invariant]] = [
            .doubleGrant: [.blocks], .wrongBlock: [.answers], .repeatedAnswer: [.answers],
            .lostCancellation: [.endings], .unorderedStages: [.answers], .resentFlights: [.answers],
            .oneAtATime: [.occupancy],
        ]
        #expect(expected[bug]?.contains(failure.violation.invariant) == true, "\(failure)")
        // The seed alone brings it back, and without the bug there is nothing to find.
        #expect(FuzzCampaign.run(first: failure.seed, seeds: 1, planted: bug).failure == failure)
        #expect(FuzzCampaign.run(first: failure.seed, seeds: 1).failure == nil)
    }

    /// A stall is no fault of a single step: only worlds in which many wait and would fit show it.
    @Test(arguments: ["separate", "hybrid", "throttle", "td-pipe"])
    func aStallIsFoundUnderEachPolicy(policy: String) {
        let found = (UInt64(0)..<1000).contains { seed in
            guard FaultWorld(seed: seed).description.hasPrefix("policy \(policy)") else { return false }
            return FuzzCampaign.run(first: seed, seeds: 1, planted: .oneAtATime).failure?.violation.invariant
                == .occupancy
        }
        #expect(found)
    }

    @Test func worldsAreOfAllKinds() {
        var reached: [String: Int] = [:]
        for seed in UInt64(0)..<1000 {
            let world = FaultWorld(seed: seed).description
            for goal in Self.kinds where world.contains(goal) { reached[goal, default: 0] += 1 }
            if world.contains(#/ [12]\d\d requests/#) { reached["hundreds of requests", default: 0] += 1 }
        }
        for goal in Self.kinds + ["hundreds of requests"] { #expect(reached[goal, default: 0] >= 10, "\(goal)") }
    }

    private static let kinds = [
        "policy separate", "policy hybrid", "policy throttle", "policy virtual-separate", "policy virtual-hybrid",
        "policy td-pipe", "policy auto", "piggyback=cost", "piggyback=off", "lengths exact", "lengths wrong",
        "lengths limit", "lengths constant 1)",
        "lengths constant 300",
        "lengths history", "lengths prompt-length", "faults for 0", "faults for 30", "faults for 200",
    ]

    @Test func aFailureSaysHowToSeeItAgain() throws {
        let failure = try #require(FuzzCampaign.run(seeds: 100, planted: .wrongBlock).failure)
        #expect(failure.command == "tideway simulate fuzz --seeds 1 --seed \(failure.seed)")
        let text = failure.description
        for part in ["seed \(failure.seed)", "answers", failure.world, failure.command, failure.violation.message] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(!failure.world.contains("\n"))
        #expect(failure.world == FaultWorld(seed: failure.seed).description)
    }

    @Test func equalSeedsGiveEqualLogs() {
        for seed in UInt64(0)..<20 {
            let first = FuzzCampaign.trace(seed: seed)
            let second = FuzzCampaign.trace(seed: seed)
            #expect(first.log.bytes == second.log.bytes)
            #expect(first.log.bytes.count > 100)
        }
        #expect(FuzzCampaign.run(seeds: 50) == FuzzCampaign.run(seeds: 50))
        #expect(FuzzCampaign.run(seeds: 50).digest != FuzzCampaign.run(first: 1, seeds: 50).digest)
    }

    @Test func aLogBeginsWithItsWorld() {
        let log = FuzzCampaign.trace(seed: 7).log
        #expect(log.text.hasPrefix("0 world policy "))
        #expect(log.text.split(separator: "\n").allSatisfy { $0.first?.isNumber == true })
    }

    @Test func theCallerMayEndACampaign() {
        var seen: [UInt64] = []
        let report = FuzzCampaign.run(first: 40, seeds: 10) { seed in
            seen.append(seed)
            return seed < 42
        }
        #expect(seen == [40, 41, 42])
        #expect(report.seeds == 2)
        #expect(report.failure == nil)
    }

    @Test func noSeedsGiveAnEmptyReport() {
        #expect(FuzzCampaign.run(seeds: 0).seeds == 0)
        #expect(FuzzCampaign.run(seeds: -1).seeds == 0)
        #expect(FuzzCampaign.run(first: .max, seeds: 2).seeds == 2)
    }
}
