import Scheduling
import StageDevices

/// Stages at work, joined by links. A micro-batch's metadata goes to all stages at once; its drawn tokens come from the
/// stage that completes it.
package final class Pipeline: @unchecked Sendable {
    // Unchecked: only the controller's thread uses the pipeline; other threads use `controller`, which is thread-safe.
    package let ranges: [LayerRange]
    private let inboxes: [StageInbox]
    private let workers: [StageWorker]
    /// The mailbox of the controller, for events of stages and callers.
    let controller: ControllerInbox

    /// Loads the stages and starts their threads.
    /// - Parameters:
    ///   - device: the stages of a `SharingDevice` share work.
    ///   - ranges: a part of the model for each stage, in order; their shares of the vocabulary contain each token
    ///     once. If the stages share no work, the last stage has the whole vocabulary.
    ///   - blocks: KV blocks of the pool.
    ///   - recordsSpans: whether to keep spans of each micro-batch on each stage, for a timeline.
    package init(
        device: any StageDevice, ranges: [LayerRange], blocks: Int, clock: RunClock, recordsSpans: Bool
    ) throws {
        let controller = ControllerInbox()
        let inboxes = ranges.indices.map { StageInbox(needsActivations: $0 > 0) }
        let stages = try Self.load(device, ranges, blocks: blocks, inboxes)
        workers = stages.enumerated().map { index, stage in
            StageWorker(
                stage: StageID(index), executor: stage.executor, inbox: inboxes[index],
                downstream: index == ranges.count - 1 ? nil : InProcessLink(to: inboxes[index + 1]),
                sharing: stage.sharing, controller: controller, clock: clock, recordsSpans: recordsSpans)
        }
        self.ranges = ranges
        self.inboxes = inboxes
        self.controller = controller
        for worker in workers { try worker.start() }
    }

    private static func load(
        _ device: any StageDevice, _ ranges: [LayerRange], blocks: Int, _ inboxes: [StageInbox]
    ) throws -> [(executor: any StageExecutor, sharing: SharedStage?)] {
        guard let device = device as? any SharingDevice else {
            precondition(
                ranges.dropLast().allSatisfy { $0.vocabulary.isEmpty && $0.layerReach == $0.layers },
                "stages that share no work were given shares of it")
            return try device.load(ranges, blocks: blocks).map { ($0, nil) }
        }
        let head = HeadShares(ranges, vocabularyUnit: device.vocabularyUnit)
        return try device.loadSharing(ranges, blocks: blocks).enumerated().map { index, executor in
            let helpers = inboxes.indices.filter { $0 != index && head.takesPart($0) }.map { inboxes[$0] }
            return (executor, SharedStage(executor: executor, head: head, helpers: helpers))
        }
    }

    /// Ends the threads of a pipeline that was never run, or not fully started.
    deinit { shutDown() }

    /// Sends a micro-batch's metadata to every stage. Must be called in the order of micro-batch ids, in which every
    /// stage executes them.
    func dispatch(_ batch: MicroBatch) {
        controller.expect(batch.id)
        for inbox in inboxes { inbox.add(batch) }
    }

    /// The controller's events since the last call; waits until there is at least one. Micro-batches retire in the
    /// order of dispatch.
    func nextEvents() -> [ControllerEvent] { controller.takeAll() }

    /// Ends the threads after their current tasks; micro-batches under way are dropped. All inboxes close before any
    /// thread is waited for, so a stage that waits for a failed stage ends too.
    package func shutDown() {
        for inbox in inboxes { inbox.close() }
        for worker in workers { worker.join() }
    }

    /// The spans of all stages, after `shutDown`.
    var spans: [StageSpan] { workers.flatMap(\.spans) }
    /// The activity of each stage, after `shutDown`.
    var activity: [StageActivity] { workers.map(\.activity) }
}
