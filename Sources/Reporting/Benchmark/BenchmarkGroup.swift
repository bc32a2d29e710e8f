/// The repeats of one label.
struct BenchmarkGroup {
    let label: String
    /// The repeats, in the order in which they ran; at least one.
    let runs: [BenchmarkRun]
    /// The number of repeats in which no other label reached as many tokens per second; nil if there is nothing to
    /// compare.
    let wins: Int?

    /// One group per label, in the order in which the labels first appear.
    static func groups(of runs: [BenchmarkRun]) -> [BenchmarkGroup] {
        var places: [String: Int] = [:]
        var lists: [[BenchmarkRun]] = []
        for run in runs {
            if let place = places[run.label] {
                lists[place].append(run)
            } else {
                places[run.label] = lists.count
                lists.append([run])
            }
        }
        var best: [Int: Double] = [:]
        for run in runs {
            best[run.repetition] = max(best[run.repetition] ?? 0, run.figures.totalTokensPerSecond)
        }
        let hasWins = lists.count > 1 && lists.contains { $0.count > 1 }
        return lists.map { list in
            let wins = list.count { $0.figures.totalTokensPerSecond == best[$0.repetition] }
            return BenchmarkGroup(label: list[0].label, runs: list, wins: hasWins ? wins : nil)
        }
    }

    /// The middle value, or the mean of the two middle ones; nil if no run has the figure.
    func median(_ value: (BenchmarkRun) -> Double?) -> Double? {
        let sorted = runs.compactMap(value).sorted()
        guard !sorted.isEmpty else { return nil }
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    func range(_ value: (BenchmarkRun) -> Double) -> ClosedRange<Double> {
        let values = runs.map(value)
        let least = values.reduce(.infinity, min)
        return least...max(least, values.reduce(-.infinity, max))
    }

    func mean(_ value: (BenchmarkRun) -> Double) -> Double {
        runs.reduce(0) { $0 + value($1) } / Double(runs.count)
    }

    var totalTokensPerSecond: Double { median { $0.figures.totalTokensPerSecond } ?? 0 }
}
