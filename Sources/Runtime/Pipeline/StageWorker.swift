import Platform
import Scheduling
import StageDevices

/// One stage at work: a thread that takes tasks from its inbox, computes, and hands on the results. The controller's
/// messages go straight to each stage; activations never pass through the controller.
final class StageWorker: @unchecked Sendable {
    // Unchecked: the thread owns the mutable state until `join` returns.
    private let stage: StageID
    private let executor: any StageExecutor
    private let inbox: StageInbox
    /// nil on the last stage.
    private let downstream: (any StageLink)?
    /// nil where the stages of the pipeline share no work.
    private let sharing: SharedStage?
    private let controller: ControllerInbox
    private let clock: RunClock
    private let recordsSpans: Bool
    private var thread: JoinableThread?
    /// Read after `join`, like `activity`.
    private(set) var spans: [StageSpan] = []
    private(set) var activity = StageActivity()

    init(
        stage: StageID, executor: any StageExecutor, inbox: StageInbox, downstream: (any StageLink)?,
        sharing: SharedStage?, controller: ControllerInbox, clock: RunClock, recordsSpans: Bool
    ) {
        self.stage = stage
        self.executor = executor
        self.inbox = inbox
        self.downstream = downstream
        self.sharing = sharing
        self.controller = controller
        self.clock = clock
        self.recordsSpans = recordsSpans
    }

    func start() throws {
        thread = try JoinableThread { [self] in
            do {
                try executor.prepareThread()
                try work()
            } catch {
                controller.fail(stage, "\(error)")
            }
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
        if let sharing { return try runLayers(batch, parcel, sharing) }
        let begin = clock.now
        let output = try executor.execute(batch, input: parcel?.tensor)
        let stageSeconds = stageSeconds(batch, parcel, since: begin)
        switch output {
        case .activations(let tensor):
            try handOn(tensor, of: batch, stageSeconds)
        case .tokens(let tokens):
            precondition(
                tokens.count == batch.slices.count,
                "\(stage) drew tokens for \(tokens.count) of \(batch.slices.count) slices of \(batch.id)")
            controller.retire(batch.id, tokens, stageSeconds: stageSeconds)
        }
    }

    private func runLayers(_ batch: MicroBatch, _ parcel: StageParcel?, _ sharing: SharedStage) throws {
        let begin = clock.now
        let output = try sharing.executor.execute(batch, input: parcel?.tensor) {
            sharing.continues(batch, at: $0, inbox: inbox, downstream: downstream)
        }
        let stageSeconds = stageSeconds(batch, parcel, since: begin)
        switch output {
        case .activations(let tensor): try handOn(tensor, of: batch, stageSeconds)
        case .groups(let groups): try draw(batch, groups, stageSeconds, sharing)
        }
    }

    private func handOn(_ tensor: any StageTensor, of batch: MicroBatch, _ stageSeconds: [Double]) throws {
        guard let downstream else { preconditionFailure("the last stage gave activations") }
        precondition(
            tensor.rowCount == batch.tokenCount,
            "\(stage) gave \(tensor.rowCount) rows for the \(batch.tokenCount) tokens of \(batch.id)")
        try downstream.send(StageParcel(batch: batch.id, tensor: tensor, stageSeconds: stageSeconds))
    }

    /// Shares out the work of the output head. The other stages are served first, as they may be idle.
    private func draw(
        _ batch: MicroBatch, _ groups: [any HeadGroup], _ stageSeconds: [Double], _ sharing: SharedStage
    ) throws {
        guard !groups.isEmpty else {
            let nothing = [[SampledToken]](repeating: [], count: batch.slices.count)
            return controller.retire(batch.id, nothing, stageSeconds: stageSeconds)
        }
        let job = HeadJob(batch, groups: groups, shares: sharing.head, stageSeconds: stageSeconds)
        for inbox in sharing.helpers { inbox.add(job) }
        if sharing.head.takesPart(stage.rawValue) { try runHead(job) }
    }

    private func runHead(_ job: HeadJob) throws {
        guard let sharing else { preconditionFailure("\(stage) shares no work and got some of the output head") }
        let begin = clock.now
        try sharing.run(job, for: stage)
        guard job.hasWork(of: stage) else { return }
        if let result = job.finish(stage, seconds: record(.head, of: job.batch, since: begin)) {
            controller.retire(job.batch, result.tokens, stageSeconds: result.stageSeconds)
        }
    }

    /// Seconds of the stages before, and of this stage's layers, which end now.
    private func stageSeconds(_ batch: MicroBatch, _ parcel: StageParcel?, since begin: Instant) -> [Double] {
        (parcel?.stageSeconds ?? []) + [record(.layers, of: batch.id, since: begin)]
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
