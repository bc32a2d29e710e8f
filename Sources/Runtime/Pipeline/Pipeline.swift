import Scheduling
import Transformer

/// Stages at work, joined by links. Micro-batches go in at all stages at once; drawn tokens come out of the last.
public final class Pipeline: @unchecked Sendable {
    // Unchecked: used by the controller's thread; `wakeUp` alone by others, and the mailbox is made for that.
    public let ranges: [LayerRange]
    private let workers: [StageWorker]
    private let links: [any StageLink]
    private let events: Mailbox<PipelineEvent>

    /// Loads the stages and starts their threads.
    /// - Parameters:
    ///   - blocks: KV blocks of the pool.
    ///   - threads: per stage.
    ///   - recordsSpans: keep a span for each micro-batch on each stage, for a timeline.
    public init(
        device: any StageDevice, ranges: [LayerRange], blocks: Int, threads: Int, clock: RunClock, recordsSpans: Bool
    ) throws {
        self.ranges = ranges
        let events = Mailbox<PipelineEvent>()
        let links = (1..<max(1, ranges.count)).map { _ in InProcessLink() }
        let available = Processors.available
        let fits = ranges.count * threads <= available.count
        workers = try ranges.enumerated().map { index, range in
            // Pinned only where every thread has a core to itself.
            let cores = fits ? (0..<threads).map { available[index * threads + $0] } : nil
            return StageWorker(
                stage: StageID(index),
                executor: try device.load(range, blocks: blocks, threads: threads, cores: cores),
                upstream: index == 0 ? nil : links[index - 1],
                downstream: index == ranges.count - 1 ? nil : links[index],
                events: events, clock: clock, recordsSpans: recordsSpans, core: cores?.first)
        }
        self.links = links
        self.events = events
        for worker in workers { try worker.start() }
    }

    /// Ends the threads of a pipeline that was never run, or not fully started.
    deinit { shutDown() }

    /// Sends a micro-batch's metadata to every stage; each orders itself by the micro-batch id.
    func dispatch(_ batch: MicroBatch) {
        for worker in workers { worker.inbox.send(batch) }
    }

    /// What happened since the last call; waits for something.
    func nextEvents() -> [PipelineEvent] { events.receiveAll() }

    /// Makes `nextEvents` return. May be called from any thread.
    func wakeUp() { events.send(.wakeUp) }

    /// Ends the threads after what they have been given. With links closed, a stage that waits for a failed one ends
    /// too.
    public func shutDown() {
        for (index, worker) in workers.enumerated() {
            worker.join()
            if index < links.count { links[index].close() }
        }
    }

    /// Of all stages, after `shutDown`.
    var spans: [StageSpan] { workers.flatMap(\.spans) }
    var activity: [StageActivity] { workers.map(\.activity) }
}
