import Scheduling
import Transformer

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a pipeline tells its controller.
enum PipelineEvent: Sendable {
    case retired(MicroBatchID, [[SampledToken]])
    case failed(StageID, String)
    /// Somebody wants the controller's attention.
    case wakeUp
}

/// One stage at work: a thread that takes micro-batches in the order of their ids, waits for the activations of the
/// stage before, computes, and hands on. The controller's messages come straight to each stage; activations never pass
/// it.
final class StageWorker: @unchecked Sendable {
    // Unchecked: the thread owns the mutable state until `join` returns.
    let stage: StageID
    let inbox = Mailbox<MicroBatch>()
    private let executor: any StageExecutor
    private let upstream: (any StageLink)?
    private let downstream: (any StageLink)?
    private let events: Mailbox<PipelineEvent>
    private let clock: RunClock
    private let recordsSpans: Bool
    private let core: Int?
    private var thread: JoinableThread?
    /// Read after `join`.
    private(set) var spans: [StageSpan] = []
    private(set) var activity = StageActivity()

    init(
        stage: StageID, executor: any StageExecutor, upstream: (any StageLink)?, downstream: (any StageLink)?,
        events: Mailbox<PipelineEvent>, clock: RunClock, recordsSpans: Bool, core: Int?
    ) {
        self.stage = stage
        self.executor = executor
        self.upstream = upstream
        self.downstream = downstream
        self.events = events
        self.clock = clock
        self.recordsSpans = recordsSpans
        self.core = core
    }

    func start() throws {
        thread = try JoinableThread(core: core) { [self] in
            do { try work() } catch { events.send(.failed(stage, "\(error)")) }
        }
    }

    /// Ends the worker after the micro-batches that it has been given, and waits for it.
    func join() {
        inbox.close()
        thread?.join()
        thread = nil
    }

    private func work() throws {
        while let batch = inbox.receive() {
            var input: Activations?
            if let upstream {
                input = try upstream.receive(batch.id)
                if input == nil { return }
            }
            let begin = clock.now
            let output = try executor.execute(batch, input: input)
            let end = clock.now
            activity.add(begin, end)
            if recordsSpans { spans.append(StageSpan(stage: stage, microBatch: batch.id, begin: begin, end: end)) }
            switch output {
            case .activations(let activations): try downstream?.send(batch.id, activations)
            case .tokens(let tokens): events.send(.retired(batch.id, tokens))
            }
        }
    }
}

/// When a stage was at work, in sums.
public struct StageActivity: Sendable, Hashable {
    public private(set) var busySeconds = 0.0
    /// Begin of the first micro-batch and end of the last; nil before the first.
    public private(set) var first: Instant?
    public private(set) var last: Instant?

    mutating func add(_ begin: Instant, _ end: Instant) {
        busySeconds += end.seconds(since: begin)
        if first == nil { first = begin }
        last = end
    }
}
