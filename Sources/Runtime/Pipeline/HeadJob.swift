import Scheduling
import Synchronization
import Transformer

/// The output head's work on one micro-batch, shared out over the stages (vocabulary parallelism, arXiv 2411.05288).
///
/// Every stage that holds a share of the vocabulary walks all groups of rows. Whoever completes a group draws its tokens;
/// whoever is done last retires the micro-batch. So no stage waits for another, and the controller hears of it once.
public final class HeadJob: Sendable {
    public let batch: MicroBatchID
    let groups: [DrawGroup]
    private let shares: Int
    private let state: Mutex<State>

    private struct State {
        /// Shares that have yet to project each group.
        var left: [Int]
        /// Stages that are not done.
        var stages: Int
        var tokens: [[SampledToken]]
        var stageSeconds: [Double]
    }

    /// - Parameters:
    ///   - groups: at least one.
    ///   - shares: stages with a share of the vocabulary.
    ///   - stageSeconds: what each stage's layers took.
    public init(_ batch: MicroBatch, groups: [DrawGroup], shares: Int, stageSeconds: [Double]) {
        precondition(shares > 0 && !groups.isEmpty)
        self.batch = batch.id
        self.groups = groups
        self.shares = shares
        state = Mutex(
            State(
                left: [Int](repeating: shares, count: groups.count), stages: shares,
                tokens: [[SampledToken]](repeating: [], count: batch.slices.count), stageSeconds: stageSeconds))
    }

    /// The groups in the order in which a share walks them. Each share begins elsewhere, so that shares in step complete
    /// different groups, and the draws are shared out like the projections.
    func order(ofShare share: Int) -> [Int] {
        groups.indices.map { ($0 + groups.count * share / shares) % groups.count }
    }

    /// A share has projected a group. Returns whether it was the last to: the caller then draws.
    func completes(_ group: Int) -> Bool {
        state.withLock { state in
            state.left[group] -= 1
            return state.left[group] == 0
        }
    }

    /// Takes the tokens drawn for a group's rows.
    func keep(_ tokens: [SampledToken], of group: Int) {
        state.withLock { state in
            for (slice, token) in zip(groups[group].slices, tokens) { state.tokens[slice] = [token] }
        }
    }

    /// A stage has done its part in so many seconds. Returns the micro-batch's result if it was the last.
    func finish(_ stage: StageID, seconds: Double) -> (tokens: [[SampledToken]], stageSeconds: [Double])? {
        state.withLock { state in
            state.stageSeconds[stage.rawValue] += seconds
            state.stages -= 1
            return state.stages == 0 ? (state.tokens, state.stageSeconds) : nil
        }
    }
}
