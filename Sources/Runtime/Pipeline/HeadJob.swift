import Platform
import Scheduling
import StageDevices

/// The output head's work on one micro-batch, shared out over the stages (vocabulary parallelism, arXiv 2411.05288).
///
/// Every stage that can compute some of the head is told of it, comes when it has the time, and takes pieces of the
/// vocabulary: its own share first, then what others have not come to yet. So the stages end together although their
/// layers never take quite the same time, and none waits for another. Whoever completes a group of rows draws its tokens;
/// the last to be done retires the micro-batch, and the controller hears of it once.
package final class HeadJob: Sendable {
    package let batch: MicroBatchID
    package let groups: [any HeadGroup]
    private let shares: HeadShares
    /// By slice of the micro-batch, the index of its first draw among all draws.
    private let firstDraws: [Int]
    private let state: Guarded<State>

    private struct State {
        /// By group and share: the pieces that nobody has taken.
        var free: [[Range<Int>]]
        /// Pieces of each group that are not projected yet.
        var left: [Int]
        /// Groups that are not drawn yet.
        var undrawn: Int
        /// Stages that have taken a piece, and those of them that are at it.
        var hasTaken: [Bool]
        var atWork = 0
        var tokens: [[SampledToken]]
        var stageSeconds: [Double]
    }

    /// - Parameters:
    ///   - groups: at least one.
    ///   - stageSeconds: what each stage's layers took.
    package init(_ batch: MicroBatch, groups: [any HeadGroup], shares: HeadShares, stageSeconds: [Double]) {
        let pieces = shares.pieces.map(\.indices)
        let count = pieces.reduce(0) { $0 + $1.count }
        precondition(count > 0 && !groups.isEmpty)
        self.batch = batch.id
        self.groups = groups
        self.shares = shares
        var draws = 0
        firstDraws = batch.slices.map { slice in
            defer { draws += slice.draws.count }
            return draws
        }
        state = Guarded(
            State(
                free: [[Range<Int>]](repeating: pieces, count: groups.count),
                left: [Int](repeating: count, count: groups.count), undrawn: groups.count,
                hasTaken: [Bool](repeating: false, count: shares.pieces.count),
                tokens: batch.slices.map { [SampledToken](repeating: SampledToken(0), count: $0.draws.count) },
                stageSeconds: stageSeconds))
    }

    /// The groups in the order in which a stage walks them. Each stage begins elsewhere, so that stages in step complete
    /// different groups, and the draws are shared out like the projections.
    package func order(of stage: StageID) -> [Int] {
        let first = groups.count * stage.rawValue / shares.pieces.count
        return groups.indices.map { ($0 + first) % groups.count }
    }

    /// Takes a piece of a group for a stage: the first one left of its own share, or the last one of the share that has
    /// most left. nil: there is none within its reach.
    package func take(_ group: Int, for stage: StageID) -> Range<Int>? {
        let own = stage.rawValue
        return state.withLock { state in
            let piece: Range<Int>
            if let first = state.free[group][own].popFirst() {
                piece = shares.pieces[own][first]
            } else {
                let reach = shares.reach[own]
                let others = state.free[group].indices.filter { share in
                    state.free[group][share].last.map { shares.pieces[share][$0].clamped(to: reach).count > 0 } ?? false
                }
                guard let share = others.max(by: { state.free[group][$0].count < state.free[group][$1].count }) else {
                    return nil
                }
                piece = shares.pieces[share][state.free[group][share].removeLast()]
            }
            if !state.hasTaken[own] {
                state.hasTaken[own] = true
                state.atWork += 1
            }
            return piece
        }
    }

    /// A stage has projected pieces of a group. Returns whether the group is complete by that: the caller then draws.
    package func completes(_ group: Int, pieces: Int) -> Bool {
        state.withLock { state in
            state.left[group] -= pieces
            return pieces > 0 && state.left[group] == 0
        }
    }

    /// Takes the tokens drawn for a group's rows. A slice gets them in the order of its rows.
    package func keep(_ tokens: [SampledToken], of group: Int) {
        let (slices, indices) = (groups[group].slices, groups[group].indices)
        state.withLock { state in
            for (place, token) in tokens.enumerated() {
                state.tokens[slices[place]][indices[place] - firstDraws[slices[place]]] = token
            }
            state.undrawn -= 1
        }
    }

    /// Whether a stage has taken a piece.
    package func hasWork(of stage: StageID) -> Bool { state.withLock { $0.hasTaken[stage.rawValue] } }

    /// A stage that has taken pieces is done with them after so many seconds. Returns the micro-batch's result if it was
    /// the last.
    package func finish(_ stage: StageID, seconds: Double) -> (tokens: [[SampledToken]], stageSeconds: [Double])? {
        state.withLock { state in
            state.stageSeconds[stage.rawValue] += seconds
            state.atWork -= 1
            return state.atWork == 0 && state.undrawn == 0 ? (state.tokens, state.stageSeconds) : nil
        }
    }
}
