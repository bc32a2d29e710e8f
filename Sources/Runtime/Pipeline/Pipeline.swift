import CPUDevice
import Platform
import Scheduling

/// Stages at work, joined by links. Micro-batches go in at all stages at once; drawn tokens come out of whichever stage
/// completes them.
public final class Pipeline: @unchecked Sendable {
    // Unchecked: used by the controller's thread; the inbox alone by others, and it is made for that.
    public let ranges: [LayerRange]
    private let inboxes: [StageInbox]
    private let workers: [StageWorker]
    /// What the stages tell their controller, and others too.
    let controller: ControllerInbox

    /// Loads the stages and starts their threads.
    /// - Parameters:
    ///   - ranges: a part of the model for each stage, in order; their shares of the vocabulary hold each token once.
    ///   - blocks: KV blocks of the pool.
    ///   - threads: per stage.
    ///   - recordsSpans: keep spans of each micro-batch on each stage, for a timeline.
    public init(
        device: any StageDevice, ranges: [LayerRange], blocks: Int, threads: Int, clock: RunClock, recordsSpans: Bool
    ) throws {
        let controller = ControllerInbox()
        let inboxes = ranges.indices.map { StageInbox(needsActivations: $0 > 0) }
        let head = HeadShares(ranges)
        let available = Processors.available
        let fits = ranges.count * threads <= available.count
        // Pinned only where every thread has a core to itself.
        let cores = fits ? ranges.indices.map { Array(available[$0 * threads..<($0 + 1) * threads]) } : nil
        let executors = try device.load(ranges, blocks: blocks, threads: threads, cores: cores)
        workers = executors.enumerated().map { index, executor in
            StageWorker(
                stage: StageID(index), executor: executor, inbox: inboxes[index],
                downstream: index == ranges.count - 1 ? nil : InProcessLink(to: inboxes[index + 1]),
                head: head,
                helpers: inboxes.indices.filter { $0 != index && head.takesPart($0) }.map { inboxes[$0] },
                controller: controller, clock: clock,
                recordsSpans: recordsSpans, core: cores?[index].first)
        }
        self.ranges = ranges
        self.inboxes = inboxes
        self.controller = controller
        for worker in workers { try worker.start() }
    }

    /// Ends the threads of a pipeline that was never run, or not fully started.
    deinit { shutDown() }

    /// Sends a micro-batch's metadata to every stage; each orders itself by the micro-batch id. Called in that order.
    func dispatch(_ batch: MicroBatch) {
        controller.expect(batch.id)
        for inbox in inboxes { inbox.add(batch) }
    }

    /// What the controller was told since the last call; waits for something. Micro-batches retire in the order of
    /// dispatch.
    func nextEvents() -> [ControllerEvent] { controller.takeAll() }

    /// Ends the threads after what they are computing; micro-batches under way are dropped. All inboxes close before any
    /// thread is waited for, so a stage that waits for a failed one ends too.
    public func shutDown() {
        for inbox in inboxes { inbox.close() }
        for worker in workers { worker.join() }
    }

    /// Of all stages, after `shutDown`.
    var spans: [StageSpan] { workers.flatMap(\.spans) }
    var activity: [StageActivity] { workers.map(\.activity) }
}
