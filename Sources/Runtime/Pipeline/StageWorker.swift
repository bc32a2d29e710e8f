import CPUDevice
import Platform
import Scheduling

/// One stage at work: a thread that takes tasks from its inbox, computes, and hands on. The controller's messages come
/// straight to each stage; activations never pass it.
final class StageWorker: @unchecked Sendable {
    // Unchecked: the thread owns the mutable state until `join` returns.
    private let stage: StageID
    private let executor: any StageExecutor
    private let inbox: StageInbox
    /// nil on the last stage.
    private let downstream: (any StageLink)?
    private let head: HeadShares
    /// Inboxes of the other stages that can compute some of the head: where the last stage sends work.
    private let helpers: [StageInbox]
    private let controller: ControllerInbox
    private let clock: RunClock
    private let recordsSpans: Bool
    private let core: Int?
    private var thread: JoinableThread?
    /// Read after `join`.
    private(set) var spans: [StageSpan] = []
    private(set) var activity = StageActivity()

    init(
        stage: StageID, executor: any StageExecutor, inbox: StageInbox, downstream: (any StageLink)?,
        head: HeadShares, helpers: [StageInbox], controller: ControllerInbox, clock: RunClock, recordsSpans: Bool,
        core: Int?
    ) {
        self.stage = stage
        self.executor = executor
        self.inbox = inbox
        self.downstream = downstream
        self.head = head
        self.helpers = helpers
        self.controller = controller
        self.clock = clock
        self.recordsSpans = recordsSpans
        self.core = core
    }

    func start() throws {
        thread = try JoinableThread(core: core) { [self] in
            do { try work() } catch { controller.fail(stage, "\(error)") }
        }
    }

    /// Waits for the worker's end. Close its inbox first.
    func join() {
        thread?.join()
        thread = nil
    }

    private func work() throws {
        while let task = inbox.next() {
            switch task {
            case .layers(let batch, let parcel): try runLayers(batch, parcel)
            case .head(let job): try runHead(job)
            }
        }
    }

    private func runLayers(_ batch: MicroBatch, _ parcel: StageParcel?) throws {
        let begin = clock.now
        let output = try executor.execute(batch, input: parcel?.stream) { continues(batch, at: $0) }
        let stageSeconds = (parcel?.stageSeconds ?? []) + [record(.layers, of: batch.id, since: begin)]
        switch output {
        case .stream(let stream):
            guard let downstream else { preconditionFailure("the last stage gave activations") }
            try downstream.send(StageParcel(batch: batch.id, stream: stream, stageSeconds: stageSeconds))
        case .draws(let groups):
            try draw(batch, groups, stageSeconds)
        }
    }

    /// Whether to compute a layer of a micro-batch. While all micro-batches in flight are decode steps of much the same
    /// size, the border between two stages moves with their load, so that neither waits for the other. Else it stays:
    /// prompts have their order in each layer, and where large and small micro-batches take turns, a stage that went on
    /// with the small one would leave the next stage nothing to do beside the large one.
    private func continues(_ batch: MicroBatch, at layer: Int) -> Bool {
        let own = executor.range.layers
        if layer < WorkSharing.firstBorder(of: own) { return true }
        let isOwn = layer < own.upperBound
        guard let downstream, batch.isAmongLikeDecodeSteps else { return isOwn }
        return WorkSharing.continues(isOwn: isOwn, hasNext: inbox.hasNext, isAwaited: downstream.isAwaited)
    }

    /// Shares the head's work out: to the others first, which may be idle.
    private func draw(_ batch: MicroBatch, _ groups: [DrawGroup], _ stageSeconds: [Double]) throws {
        guard !groups.isEmpty else {
            let nothing = [[SampledToken]](repeating: [], count: batch.slices.count)
            return controller.retire(batch.id, nothing, stageSeconds: stageSeconds)
        }
        let job = HeadJob(batch, groups: groups, shares: head, stageSeconds: stageSeconds)
        for inbox in helpers { inbox.add(job) }
        if head.takesPart(stage.rawValue) { try runHead(job) }
    }

    /// Takes pieces of the head's work until there are none.
    private func runHead(_ job: HeadJob) throws {
        let begin = clock.now
        for index in job.order(of: stage) {
            let group = job.groups[index]
            var pieces = 0
            try executor.project(group) {
                let piece = job.take(index, for: stage)
                if piece != nil { pieces += 1 }
                return piece
            }
            if job.completes(index, pieces: pieces) { job.keep(try executor.draw(group), of: index) }
        }
        guard job.hasWork(of: stage) else { return }
        if let result = job.finish(stage, seconds: record(.head, of: job.batch, since: begin)) {
            controller.retire(job.batch, result.tokens, stageSeconds: result.stageSeconds)
        }
    }

    /// Accounts for a piece of work that ends now. Returns its seconds.
    private func record(_ work: StageWork, of batch: MicroBatchID, since begin: Instant) -> Double {
        let end = clock.now
        activity.add(begin, end)
        if recordsSpans {
            spans.append(StageSpan(stage: stage, microBatch: batch, work: work, begin: begin, end: end))
        }
        return end.seconds(since: begin)
    }
}
