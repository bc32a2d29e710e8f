import Reporting

/// A run with round figures: two stages, 3,000 prompt and 1,000 output tokens, so that `tokensPerSecond` is exact.
func benchmarkRun(
    _ label: String, repetition: Int = 1, tokensPerSecond: Double = 500, preemptions: Int = 0,
    timeToFirstToken: LatencyPercentiles? = LatencyPercentiles(p50: 0.5, p99: 2),
    timePerOutputToken: LatencyPercentiles? = LatencyPercentiles(p50: 0.03125, p99: 0.0625)
) -> BenchmarkRun {
    let wall = 4000 / tokensPerSecond
    var figures = RunSummary(
        policy: String(label.prefix { $0 != "[" }), stages: 2, threads: 1, requests: 48, promptTokens: 3000,
        outputTokens: 1000, wallSeconds: wall, bubbleRatio: 0.0625, stageBusySeconds: [wall, wall * 0.875],
        phaseSwitches: 6, preemptions: preemptions, recomputedTokens: preemptions * 1000, kvBlocksTotal: 512,
        kvBlocksPeak: 384, peakRSSBytes: 1 << 29)
    figures.extras = [.init("seed", .integer(7))]
    var idle = IdleByCause()
    idle[.starved] = 0.03125
    idle[.blocked] = 0.015625
    idle[.handOver] = 0.015625
    return BenchmarkRun(
        label: label, repetition: repetition, figures: figures, lengths: "oracle", options: "stealing=off",
        idleShares: idle,
        imbalance: DecodeImbalance(
            microBatches: 9, variation: .init(time: 0.5, sequences: 0.25),
            imbalance: .init(time: 0.0625, sequences: 0.125)),
        timeToFirstToken: timeToFirstToken, timePerOutputToken: timePerOutputToken)
}

func benchmarkReport(_ runs: [BenchmarkRun], model: String = "tiny", command: String = "tideway bench")
    -> BenchmarkReport
{
    BenchmarkReport(
        commandLine: command,
        machine: MachineDescription(
            processor: "Example 9000", cores: 2, memoryBytes: 8 << 30, kernels: "avx2", system: "Linux 6.1"),
        model: model, workload: "48 requests", runs: runs)
}
