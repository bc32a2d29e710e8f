import Scheduling
import Simulation
import Testing

@Suite struct TableTests {
    private let table = "tokens,ms\n1,10\n3,20\n4,40\n8,60\n"

    @Test func betweenPointsTheTableIsStraight() throws {
        let table = try StepTable(csv: table)
        for (tokens, milliseconds) in [(0, 10.0), (1, 10), (2, 15), (3, 20), (4, 40), (6, 50), (8, 60)] {
            #expect(isClose(table.seconds(tokens: tokens), milliseconds / 1e3), "\(tokens)")
        }
        // Beyond 8 with the slope from 4 to 8.
        #expect(isClose(table.seconds(tokens: 10), 0.07))
        // A single point is taken to go through the origin.
        #expect(isClose(try StepTable(csv: "n,ms\n10,20").seconds(tokens: 15), 0.03))
    }

    @Test(arguments: [
        ("", "no line of headings"), ("n,ms\n", "no rows"), ("n\n1\n", "line 1: a step table has 1 columns"),
        ("n,ms\n1,2\n1,3\n", "line 3: n is 1 after 1"), ("n,ms\n1\n", "line 2 has 1 cells"),
        ("n,ms\n1,x\n", "line 2: ms is 'x'"), ("n,ms\n0,1\n", "line 2: n is '0'"),
        ("n,ms\n1,-1\n", "line 2: ms is '-1'"),
        ("n,ms\n1,nan\n", "line 2: ms is 'nan'"), ("n,ms\n99999999999999999999,1\n", "line 2: n is"),
        ("n,ms\r\n1,2\r\n\r\nx,4\r\n", "line 4: n is 'x'"),
    ])
    func anErrorNamesLineAndColumn(text: String, message: String) {
        let error = #expect(throws: SimulationError.self) { try StepTable(csv: text) }
        #expect(error?.code == .malformedText && error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func aStepProfileIsATiming() throws {
        // Two stages: 1 ms + 2 ms a row + 1 us for each token of context, the second with 3 ms a draw.
        let loads: [StepLoad] = [
            .prefill(tokens: 8), .prefill(tokens: 64), .decode(sequences: 8, context: 80),
            .decode(sequences: 8, context: 8000), .decode(sequences: 64, context: 640),
            .decode(sequences: 64, context: 64000),
        ]
        let samples = loads.map { load in
            let layers = 1e-3 + 2e-3 * Double(load.tokens) + 1e-6 * Double(load.context)
            return StepSample(load: load, stageSeconds: [layers, layers + 3e-3 * Double(load.sequences)])
        }
        var cost = try MeasuredStepCost(samples)
        let timing = MeasuredTiming(cost, bytesPerToken: 10)
        let load = StepLoad.decode(sequences: 8, context: 1000)
        #expect(isClose(timing.layerSeconds(load, on: 0), 0.018) && abs(timing.headSeconds(load, on: 0)) < 1e-12)
        #expect(isClose(timing.layerSeconds(load, on: 1), 0.018) && isClose(timing.headSeconds(load, on: 1), 0.024))
        #expect(isClose(KnownStepCost(timing).seconds(load, on: 1), cost.seconds(load, on: 1)))
        #expect(timing.activationBytes(load) == 80 && timing.stages == 2)
        // What a run observes does not reach the simulated machine.
        for _ in 0..<50 { cost.observe(load, on: 1, seconds: 1) }
        #expect(MeasuredTiming(cost, bytesPerToken: 10).fits == timing.fits)
    }

    @Test func residualsAreThoseOfTheirPoints() throws {
        let table = try StepTable(csv: table)
        // Errors of 0, +10 %, -20 % and +50 %.
        let modelled = [1: 0.010, 3: 0.022, 4: 0.032, 8: 0.090]
        let residuals = try TableResiduals(of: table) { modelled[$0]! }
        #expect(residuals.points == 4 && isClose(residuals.median, 0.1) && isClose(residuals.ninetieth, 0.5))
        #expect(isClose(residuals.worst, 0.5) && residuals.worstTokens == 8 && abs(residuals.bias) < 1e-12)
        let some = try TableResiduals(of: table, tokens: 2...4) { modelled[$0]! }
        #expect(some.points == 2 && isClose(some.worst, 0.2) && isClose(some.bias, -0.2))
        #expect(throws: SimulationError.self) { try TableResiduals(of: table, tokens: 9...10) { _ in 1 } }
    }
}
