import Platform
import Scheduling

/// A digest of the core's actions after one event, in a line of an event log: the number of actions, and a fingerprint
/// of their requests, tokens, blocks and counts. Sampling parameters are left out, since the core only passes them
/// through; so are log-probabilities, messages, phase decisions and trials of policies.
struct ActionSum: Sendable, Hashable, CustomStringConvertible {
    private(set) var count = 0
    private var sum = Fingerprint()

    init(_ actions: some Swift.Sequence<EngineAction>) {
        for action in actions {
            count += 1
            add(action)
        }
    }

    /// The digest as text, such as `12:9f3ac00412ab77d1`; `0` without actions.
    var description: String { count == 0 ? "0" : "\(count):\(sum)" }

    private mutating func add(_ action: EngineAction) {
        switch action {
        case .dispatch(let batch): add(batch)
        case .emit(let id, let tokens):
            add([2, id.rawValue, tokens.count])
            for token in tokens { sum.add(Int(token.token)) }
        case .finish(let id, let reason):
            switch reason {
            case .stopToken(let token): add([3, id.rawValue, 0, Int(token)])
            case .stopped: add([3, id.rawValue, 1])
            case .length: add([3, id.rawValue, 2])
            case .cancelled: add([3, id.rawValue, 3])
            }
        case .reject(let id, let error):
            add([4, id.rawValue])
            for byte in error.code.name.utf8 { sum.add(byte) }
        case .report(let step):
            add([5, step.microBatch.rawValue, step.prefillTokens, step.decodeTokens, step.sequences])
            add([Int(step.dispatched.nanoseconds), Int(step.retired.nanoseconds), step.blocksInUse])
            add([step.liveRequests, step.waitingRequests, step.predictedPeakBlocks ?? -1])
        }
    }

    private mutating func add(_ batch: MicroBatch) {
        add([1, batch.id.rawValue, batch.slices.count])
        for byte in batch.phase.rawValue.utf8 { sum.add(byte) }
        for slice in batch.slices {
            add([slice.request.rawValue, slice.start, slice.tokens.count])
            for token in slice.tokens { sum.add(Int(token)) }
            for block in slice.blocks { sum.add(Int(block)) }
            if slice.draws.isEmpty { add([-1, -1]) }
            for point in slice.draws { add([point.task.generated, point.task.history.count]) }
        }
    }

    private mutating func add(_ numbers: [Int]) {
        for number in numbers { sum.add(number) }
    }
}
