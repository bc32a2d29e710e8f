import Scheduling
import StageDevices

/// Takes groups of rows through the shares of some stages, without a runtime.
struct SharedHead {
    let stages: [any SharingExecutor]
    /// Tokens that a stage projects at a time; nil: its share in one go.
    var pieceTokens: Int?
    /// Stages by the order in which they project; each draws in its turn.
    var order: [Int]?

    /// The tokens drawn for each slice of the micro-batch.
    func draw(_ groups: [any HeadGroup], for batch: MicroBatch) throws -> [[SampledToken]] {
        var drawn = [SampledToken](repeating: SampledToken(-1), count: groups.reduce(0) { $0 + $1.indices.count })
        for (index, group) in groups.enumerated() {
            for stage in order ?? Array(stages.indices) where !stages[stage].range.vocabulary.isEmpty {
                try stages[stage].project(group, next: pieces(of: stages[stage].range.vocabulary))
            }
            for (index, token) in zip(group.indices, try stages[index % stages.count].draw(group)) {
                drawn[index] = token
            }
        }
        var first = 0
        return batch.slices.map { slice in
            defer { first += slice.draws.count }
            return Array(drawn[first..<first + slice.draws.count])
        }
    }

    /// Gives the tokens of a share piece by piece.
    private func pieces(of share: Range<Int>) -> () -> Range<Int>? {
        var left = share
        return {
            guard !left.isEmpty else { return nil }
            let end = min(left.lowerBound + (pieceTokens ?? left.count), left.upperBound)
            defer { left = end..<left.upperBound }
            return left.lowerBound..<end
        }
    }
}
