import Scheduling

/// Checks that stages do not stand idle while requests wait that would fit.
///
/// A request fits if it and all requests that have begun can come to the ends of their answers within a part of the
/// pool. The witness knows these ends, so only a wrong forecast is a reason to let such a request wait. The state after
/// planning is checked, whatever has led to it: no fault of a stage or a message explains what a policy leaves undone.
struct OccupancyChecker: Sendable {
    enum Promise: Sendable {
        /// Every stage has a micro-batch.
        case fullPipeline
        /// A micro-batch of prompts is alone in the pipeline at most this often, and once more for each preemption, from
        /// which td-pipe learns caution, and each loss of a stage, which voids answers that it would have learned from.
        case companyExcept(Int)
    }
    let promise: Promise
    /// Blocks up to which the policy admits requests that it foresees rightly.
    let blocks: Int
    /// Micro-batches of prompts that were alone in the pipeline.
    private var lone = 0

    init(_ promise: Promise, upTo blocks: Int) {
        self.promise = promise
        self.blocks = blocks
    }

    /// To be called after planning, while no stage is lost.
    /// - Parameters:
    ///   - last: the micro-batch that was dispatched last; nil if none was.
    mutating func check(
        _ witness: Witness, dispatched last: MicroBatch?, _ counters: EngineCounters
    ) throws(FaultViolation) {
        let stages = witness.configuration.stages
        guard witness.inFlight < stages, witness.waitingFit(upTo: blocks, atLeast: stages) else { return }
        switch promise {
        case .fullPipeline:
            throw FaultViolation(
                .occupancy, "\(witness.inFlight) micro-batches on \(stages) stages while requests wait that fit")
        case .companyExcept(let most):
            guard witness.inFlight == 1, let last, last.phase != .decode else { return }
            lone += 1
            try expect(
                lone <= most + counters.preemptions + counters.stageLosses, .occupancy,
                "\(last.id) is alone on \(stages) stages for the \(lone)th time while requests wait that fit")
        }
    }
}
