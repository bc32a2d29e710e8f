import FaultWorlds
import Scheduling
import Testing

/// Properties that hold for every schedule. A failure names its seed: `Scenario(seed:)` brings it back.
@Suite struct RandomScheduleTests {
    /// 40 times 250 schedules.
    @Test(arguments: 0..<40)
    func everyScheduleEndsWithTheAnswersOfEachRequestAlone(group: Int) throws {
        for seed in group * 250..<(group + 1) * 250 {
            let scenario = Scenario(seed: seed)
            do {
                try check(scenario)
            } catch {
                Issue.record("seed \(seed), \(scenario.policy) \(scenario.tdPipe): \(error)")
                return
            }
        }
    }

    /// The schedules above prove little if they are all tame.
    @Test func schedulesReachWhatTheyAreMeantToReach() throws {
        var reached: [String: Int] = [:]
        for seed in 0..<700 {
            let scenario = Scenario(seed: seed)
            var run = VirtualPipeline(scenario)
            try run.run()
            if run.engine.core.counters.interruptions > 0 { reached["\(scenario.policy) interrupted", default: 0] += 1 }
            if scenario.keepsTokensAhead { reached["tokens ahead", default: 0] += 1 }
            if run.engine.core.counters.strayRetirements > 0 { reached["stray", default: 0] += 1 }
            if run.engine.core.counters.preemptions > 0 { reached["\(scenario.policy) preempts", default: 0] += 1 }
            for case .some(let entry) in run.engine.witness.entries {
                if let refusal = entry.refusal {
                    reached[entry.wasDispatched ? "outgrown" : refusal.code.name, default: 0] += 1
                }
                if let ending = entry.ending { reached[name(of: ending), default: 0] += 1 }
                if entry.restarts > 1 { reached["restarts twice", default: 0] += 1 }
            }
            for case .dispatch(_, let phase, let slices) in run.engine.actions {
                reached[phase.rawValue, default: 0] += 1
                if slices.count > 4 { reached["wide", default: 0] += 1 }
            }
        }
        let goals = [
            "stray", "tokens ahead", "restarts twice", "wide", "prefill", "decode", "mixed", "length",
            "stop token", "stopped", "cancelled", "empty_prompt", "invalid_max_tokens", "context_length_exceeded",
            "kv_pool_exceeded", "outgrown",
        ]
        let policies = TestPolicies.names.flatMap { ["\($0) interrupted", "\($0) preempts"] }
        for goal in goals + policies { #expect(reached[goal, default: 0] >= 3, "\(goal)") }
    }

    private func name(of ending: FinishReason) -> String {
        switch ending {
        case .length: "length"
        case .stopToken: "stop token"
        case .stopped: "stopped"
        case .cancelled: "cancelled"
        }
    }

    private func check(_ scenario: Scenario) throws {
        var first = VirtualPipeline(scenario)
        try first.run()
        try checkAnswers(first.engine.witness, of: scenario)
        var second = VirtualPipeline(scenario)
        try second.run()
        try require(first.engine.actions == second.engine.actions, "a second run took other actions")
    }

    private func checkAnswers(_ witness: Witness, of scenario: Scenario) throws {
        for spec in scenario.specs {
            let entry = witness[spec.id]
            try require(entry.refusal != nil || entry.ending != nil, "\(spec.id) has no end")
            if entry.refusal != nil && entry.answer.isEmpty { continue }
            let oracle = CheckedEngine.answer(
                to: spec, context: scenario.configuration.contextLength, vocabulary: scenario.vocabulary)
            if scenario.seed % scenario.stops.count == spec.id.rawValue {
                // The oracle is no engine: one request of each schedule shows that an engine on one stage agrees.
                var alone = VirtualPipeline(scenario.alone(spec), isRecorded: false)
                try alone.run()
                let lone = alone.engine.witness[spec.id]
                // Without stops it may outgrow the pool, and is refused then.
                let isRight = lone.refusal == nil ? lone.answer == oracle : oracle.starts(with: lone.answer)
                try require(isRight, "\(spec.id) answers otherwise alone")
            }
            switch entry.ending {
            case .length, .stopToken: try require(entry.answer == oracle, "\(spec.id) answers otherwise in company")
            default: try require(oracle.starts(with: entry.answer), "\(spec.id) answers otherwise before its end")
            }
        }
    }
}
