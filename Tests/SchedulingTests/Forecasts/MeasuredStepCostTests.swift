import Scheduling
import TestTools
import Testing

@Suite struct MeasuredStepCostTests {
    /// Measured as a profile would be: prompts that draw 0 or 1 token, decode steps at three context lengths.
    private static let loads: [StepLoad] = {
        let prompts = [1, 2, 4, 8, 16, 32, 64, 96, 128, 160, 192, 256, 512, 1024, 2048]
        let decodes = [1, 2, 4, 8, 16, 32, 64, 96, 128, 160, 192, 256]
        return prompts.map { .prefill(tokens: $0, isLast: $0 > 100) }
            + decodes.flatMap { count in
                [64, 300, 900].map { .decode(sequences: count, context: count * $0) }
            }
    }()

    /// Two unlike stages: a staircase, and a line with the output head.
    private static func truth(_ load: StepLoad, on stage: Int) -> Double {
        let tokens = Double(load.tokens)
        let context = Double(load.context)
        return stage == 0
            ? 2e-3 + 1.5e-3 * (tokens / 64).rounded(.up) + 4e-8 * context
            : 1e-4 + 6e-4 * tokens + 1.2e-7 * context + 2e-4 * Double(load.sequences)
    }

    private static func sample(_ load: StepLoad) -> StepSample {
        StepSample(load: load, stageSeconds: [truth(load, on: 0), truth(load, on: 1)])
    }

    private func isClose(_ a: Double, _ b: Double, within share: Double = 1e-9) -> Bool { abs(a - b) <= share * abs(b) }

    @Test func reproducesWhatItWasFittedTo() throws {
        let cost = try MeasuredStepCost(Self.loads.map(Self.sample))
        #expect(cost.stages == 2)
        #expect(cost.residuals.worst < 1e-9)
        #expect(isClose(cost.fits[0].secondsPerContextToken, 4e-8, within: 1e-6))
        #expect(isClose(cost.fits[1].secondsPerContextToken, 1.2e-7, within: 1e-6))
        #expect(abs(cost.fits[0].secondsPerSequence) < 1e-9)
        #expect(isClose(cost.fits[1].secondsPerSequence, 2e-4, within: 1e-6))
        for load in Self.loads {
            for stage in 0..<2 { #expect(isClose(cost.seconds(load, on: stage), Self.truth(load, on: stage))) }
        }
    }

    @Test func tellsLoadsThatWereNotMeasured() throws {
        let cost = try MeasuredStepCost(Self.loads.map(Self.sample))
        let others: [StepLoad] = [
            .decode(sequences: 128, context: 128 * 2000), .decode(sequences: 16, context: 16),
            .prefill(tokens: 256, from: 3000, isLast: false),
            .prefill(tokens: 64) + .decode(sequences: 64, context: 70_000),
        ]
        for load in others {
            for stage in 0..<2 {
                #expect(isClose(cost.seconds(load, on: stage), Self.truth(load, on: stage), within: 1e-6), "\(load)")
            }
        }
        // A stair is kept: what stands between 128 and 160 tokens lies on the line between them.
        let stair = (128...160).map { cost.seconds(StepLoad(tokens: $0, context: 0, sequences: 0), on: 0) }
        #expect(isClose(stair[0], 5e-3) && isClose(stair[32], 6.5e-3) && isClose(stair[16], 5.75e-3))
    }

    @Test func goesOnBeyondTheLastPointByItsSlope() throws {
        let cost = try MeasuredStepCost(Self.loads.map(Self.sample))
        let load = StepLoad(tokens: 8192, context: 0, sequences: 0)
        #expect(isClose(cost.seconds(load, on: 1), Self.truth(load, on: 1), within: 1e-6))
        // A last step up is not taken for the trend.
        let points = [(64, 1.0), (128, 2.0), (129, 3.0)].map { tokens, seconds in
            StepSample(load: StepLoad(tokens: tokens, context: 0, sequences: 0), stageSeconds: [seconds])
        }
        let stairs = try MeasuredStepCost(points)
        #expect(isClose(stairs.seconds(StepLoad(tokens: 194, context: 0, sequences: 0), on: 0), 5))
        // Times that fall go on level, and one point alone in proportion.
        let falling = try MeasuredStepCost([Self.flat(64, 3), Self.flat(128, 2)])
        #expect(falling.seconds(StepLoad(tokens: 100_000, context: 0, sequences: 0), on: 0) == 2)
        let single = try MeasuredStepCost([Self.flat(10, 2)])
        #expect(single.seconds(StepLoad(tokens: 20, context: 0, sequences: 0), on: 0) == 4)
        #expect(single.seconds(StepLoad(tokens: 1, context: 0, sequences: 0), on: 0) == 2)
    }

    private static func flat(_ tokens: Int, _ seconds: Double) -> StepSample {
        StepSample(load: StepLoad(tokens: tokens, context: 0, sequences: 0), stageSeconds: [seconds])
    }

    @Test(arguments: 0..<20)
    func noiseAndAWildTimeDoNotSpoilIt(seed: Int) throws {
        var random = SplitMix(seed: seed)
        var samples = Self.loads.map(Self.sample)
        for index in samples.indices {
            for stage in 0..<2 { samples[index].stageSeconds[stage] *= 1 + Double(random.int(-30...30)) / 1000 }
        }
        // One time is wild; three others were taken with as many tokens.
        let wild = samples.firstIndex { $0.load == .decode(sequences: 64, context: 64 * 300) }!
        samples[wild].stageSeconds = samples[wild].stageSeconds.map { $0 * 20 }
        let cost = try MeasuredStepCost(samples)
        for load in Self.loads + [.decode(sequences: 128, context: 128 * 1500)] {
            for stage in 0..<2 {
                let isRight = isClose(cost.seconds(load, on: stage), Self.truth(load, on: stage), within: 0.12)
                #expect(isRight, "\(load) on stage \(stage)")
            }
        }
        #expect(cost.residuals.median < 0.03)
        #expect(cost.residuals.worst > 0.9 && cost.residuals.worst < 1)
    }

    @Test(arguments: 0..<50)
    func anySamplesGiveTimesAboveZero(seed: Int) throws {
        var random = SplitMix(seed: seed)
        let samples = (0..<random.int(1...40)).map { _ in
            StepSample(
                load: StepLoad(
                    tokens: random.element([1, random.int(1...8), random.int(1...4096), .max]),
                    context: random.element([0, random.int(0...100_000), .max]),
                    sequences: random.element([0, random.int(0...8), .max])),
                stageSeconds: (0..<3).map { _ in Double(random.int(1...1_000_000)) * random.element([1e-12, 1e-6, 0.9])
                })
        }
        var cost = try MeasuredStepCost(samples)
        for _ in 0..<100 {
            let load = StepLoad(
                tokens: random.element([0, 1, random.int(1...10_000), .max]),
                context: random.element([0, random.int(0...1_000_000), .max]), sequences: random.int(0...1000))
            let stage = random.int(0...2)
            let seconds = cost.seconds(load, on: stage)
            #expect(seconds > 0 && seconds.isFinite, "\(load)")
            cost.observe(load, on: stage, seconds: Double(random.int(1...1000)) * 1e-4)
        }
    }

    @Test func onlyTimesOfStagesAreTaken() {
        let load = StepLoad.decode(sequences: 2, context: 9)
        func message(_ samples: [StepSample]) -> String {
            do {
                _ = try MeasuredStepCost(samples)
                return "taken"
            } catch {
                #expect(error.code == .invalidSamples)
                return error.message
            }
        }
        #expect(message([]).hasPrefix("0 samples of 0 stages"))
        #expect(message([StepSample(load: load, stageSeconds: [])]).hasPrefix("1 samples of 0 stages"))
        let good = StepSample(load: load, stageSeconds: [1, 2])
        #expect(message([good]) == "taken")
        #expect(
            message([good, StepSample(load: load, stageSeconds: [1])])
                == "sample 1 has the times of 1 stages, sample 0 of 2")
        for seconds in [0, -1, .nan, .infinity, 1e6] {
            let text = message([good, good, StepSample(load: load, stageSeconds: [1, seconds])])
            #expect(text == "sample 2 took \(seconds) seconds; more than 0 and less than 1e6 are possible")
        }
        for bad in [(0, 0, 0), (1, -1, 0), (1, 0, -1), (.min, 0, 0)] {
            let load = StepLoad(tokens: bad.0, context: bad.1, sequences: bad.2)
            let text = message([StepSample(load: load, stageSeconds: [1])])
            let given = "sample 0 has \(bad.0) tokens, a context of \(bad.1) and \(bad.2) sequences"
            #expect(text.hasPrefix(given))
        }
    }
}
