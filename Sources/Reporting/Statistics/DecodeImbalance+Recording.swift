import Scheduling

extension DecodeImbalance {
    /// The time is linear in the number of spans.
    init(_ index: SpanIndex) {
        let slowest = Self.slowestStageSeconds(index)
        var values: [Value] = []
        var rounds: [[Value]] = []
        var isRoundOpen = false
        for (place, step) in index.steps.enumerated() {
            guard step.phase != .prefill else {
                isRoundOpen = false
                continue
            }
            guard slowest[place] > 0 else { continue }
            let value = Value(time: slowest[place], sequences: Double(step.decodeTokens))
            values.append(value)
            if isRoundOpen, rounds[rounds.count - 1].count < index.stages.count {
                rounds[rounds.count - 1].append(value)
            } else {
                rounds.append([value])
                isRoundOpen = true
            }
        }
        let spreads = rounds.filter { $0.count > 1 }.map(Self.spread)
        let count = Double(max(1, spreads.count))
        self.init(
            microBatches: values.count, variation: Self.spread(of: values),
            imbalance: Spread(
                time: spreads.reduce(0) { $0 + $1.time } / count,
                sequences: spreads.reduce(0) { $0 + $1.sequences } / count))
    }

    private struct Value {
        let time: Double
        let sequences: Double
    }

    /// The seconds of the slowest stage for each micro-batch, by index in `steps`.
    private static func slowestStageSeconds(_ index: SpanIndex) -> [Double] {
        var slowest = [Double](repeating: 0, count: index.steps.count)
        for entries in index.stages {
            var seconds = [Double](repeating: 0, count: index.steps.count)
            for entry in entries {
                guard let step = entry.step else { continue }
                seconds[step] += entry.span.end.seconds(since: entry.span.begin)
                slowest[step] = max(slowest[step], seconds[step])
            }
        }
        return slowest
    }

    private static func spread(of values: [Value]) -> Spread {
        Spread(time: variation(values.map(\.time)), sequences: variation(values.map(\.sequences)))
    }

    private static func variation(_ values: [Double]) -> Double {
        let mean = values.reduce(0, +) / Double(max(1, values.count))
        guard values.count > 1, mean > 0 else { return 0 }
        let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        return square.squareRoot() / mean
    }
}
