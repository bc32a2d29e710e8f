import Platform
import Scheduling
import StageDevices

/// The output head's work on one micro-batch, shared out over the stages (vocabulary parallelism, arXiv 2411.05288).
///
/// Every stage that can compute some of the head gets the job, begins it when it has the time, and takes pieces of the
/// vocabulary: its own share first, then pieces that other stages have not begun (work stealing). So the stages end
/// together although their layers never take quite the same time, and no stage waits for another. The stage that
/// completes a group of rows draws its tokens; the stage that is done last retires the micro-batch, and the controller
/// hears of it once.
package final class HeadJob: Sendable {
    package let batch: MicroBatchID
    package let groups: [any HeadGroup]
    private let shares: HeadShares
    /// By slice of the micro-batch: the index of its first draw among all draws.
    private let firstDraws: [Int]
    private let state: Guarded<State>

    private struct State {
        /// By group and share: the pieces that no stage has taken.
        var free: [[Range<Int>]]
        /// By group: the number of pieces that are not projected yet.
        var left: [Int]
        /// The number of groups whose tokens are not drawn yet.
        var undrawn: Int
        /// By stage: whether it has taken a piece.
        var hasTaken: [Bool]
        /// The number of stages that have taken a piece and are not done.
        var atWork = 0
        var tokens: [[SampledToken]]
        var stageSeconds: [Double]
    }

    /// - Parameters:
    ///   - groups: at least one.
    ///   - stageSeconds: seconds of each stage's layers.
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

    /// The groups in the order in which a stage goes through them. Each stage begins with another group, so that stages
    /// in step complete different groups, and share the draws as well as the projections.
    package func order(of stage: StageID) -> [Int] {
        let first = groups.count * stage.rawValue / shares.pieces.count
        return groups.indices.map { ($0 + first) % groups.count }
    }

    /// Takes a piece of a group for a stage: the first remaining piece of its own share, or the last piece of the share
    /// with the most remaining pieces. nil if no remaining piece is within the stage's reach.
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

    /// A stage has projected pieces of a group. Returns whether they complete the group: then the caller draws its
    /// tokens.
    package func completes(_ group: Int, pieces: Int) -> Bool {
        state.withLock { state in
            state.left[group] -= pieces
            return pieces > 0 && state.left[group] == 0
        }
    }

    /// Stores the tokens drawn for a group's rows, each at the index of its draw in its slice.
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

    /// A stage that has taken pieces is done with them after `seconds`. Returns the micro-batch's result if the stage
    /// was the last one.
    package func finish(_ stage: StageID, seconds: Double) -> (tokens: [[SampledToken]], stageSeconds: [Double])? {
        state.withLock { state in
            state.stageSeconds[stage.rawValue] += seconds
            state.atWork -= 1
            return state.atWork == 0 && state.undrawn == 0 ? (state.tokens, state.stageSeconds) : nil
        }
    }
}
