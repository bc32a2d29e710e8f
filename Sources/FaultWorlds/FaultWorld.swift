import Scheduling
import Simulation

/// A machine, a workload and their faults, drawn from a seed.
package struct FaultWorld: Sendable, CustomStringConvertible {
    /// How a policy foresees the lengths of answers.
    enum Foresight: Sendable, Hashable, CustomStringConvertible {
        case exact
        /// Each length is up to this many percent too long or too short.
        case wrong(percent: Int)
        case limit
        case constant(Int)
        case history
        case promptLength

        var description: String {
            switch self {
            case .exact: "exact"
            case .wrong(let percent): "wrong by \(percent) %"
            case .limit: "limit"
            case .constant(let tokens): "constant \(tokens)"
            case .history: "history"
            case .promptLength: "prompt-length"
            }
        }
    }
    package let seed: UInt64
    var configuration: EngineConfiguration
    var policy: String
    var tdPipe = TDPipeOptions()
    var throttle = ThrottlePolicy()
    var foresight = Foresight.exact
    /// By request id, in the order of arrival.
    var requests: [FaultyRequest] = []
    /// The predicted length by request id.
    var predictions: [Int] = []
    var vocabulary = 1000
    /// By stage: nanoseconds of a micro-batch, without its tokens.
    var stageNanoseconds: [Int64]
    /// Nanoseconds that each token of a micro-batch adds on a stage.
    var tokenNanoseconds: Int64 = 0
    /// Nanoseconds from the end of a transfer of activations to its arrival.
    var latency: Int64 = 0
    /// Nanoseconds of the transfer of each row.
    var rowNanoseconds: Int64 = 0
    /// Nanoseconds of a message from the controller to a stage.
    var dispatchDelay: Int64 = 0
    /// Nanoseconds of a message from a stage to the controller.
    var retireDelay: Int64 = 0
    /// Whether all links share one medium.
    var sharesMedium = false
    /// Whether the policy is told how long stages took.
    var measures = true
    /// Percent of the moments at which the controller puts off planning.
    var idleness = 0
    var faults = FaultRates.none

    /// The world in one line.
    package var description: String {
        let c = configuration
        let options = policy == "td-pipe" ? " (\(tdPipe), lengths \(foresight))" : ""
        return "policy \(policy)\(options), \(c.stages) stages, pool \(c.blockCount)x\(c.tokensPerBlock), context "
            + "\(c.contextLength), chunk \(c.prefillChunk), sequences \(c.maxSequences), window \(c.prefillWindow), "
            + "\(requests.count) requests, faults for \(faults.microBatches) micro-batches: loss \(faults.loss) %, "
            + "slowness \(faults.slowness) %, cancellation \(faults.cancellation) % every \(faults.interval) ns, "
            + "delay \(faults.delay) %, repetition \(faults.repetition) %"
    }

    func makePolicy() -> any SchedulingPolicy {
        switch policy {
        case "throttle": throttle
        case "td-pipe":
            TDPipePolicy(costs: AssumedStepCost(stages: configuration.stages), lengths: lengths, options: tdPipe)
        // A name of the catalogue, where it was drawn; without options.
        default: PolicyCatalogue.policy(named: policy, stages: configuration.stages)!
        }
    }

    private var lengths: any LengthPredictor {
        switch foresight {
        case .limit: return OraclePredictor()
        case .constant(let tokens): return ConstantPredictor(tokens: tokens, respectsLimit: seed % 2 == 0)
        case .history: return HistoryPredictor(respectsLimit: seed % 2 == 0)
        case .promptLength: return PromptLengthPredictor(respectsLimit: seed % 2 == 0)
        case .exact, .wrong:
            let workload = zip(requests, predictions).map { request, prediction in
                SimulatedRequest(
                    promptTokens: max(1, request.spec.prompt.count), outputTokens: max(1, request.answer.count),
                    predictedTokens: prediction)
            }
            return PredictedLengths(workload)
        }
    }

    /// Whether the policy knows that no answer is longer than predicted, and so never needs to preempt.
    var isForeseen: Bool {
        // With prompts beside decode steps, requests are admitted while others go on, whatever their phase. With a bound
        // on the time per token, answers go on while a prompt is cut.
        guard policy == "td-pipe", tdPipe.greedy == .predicted, !tdPipe.piggyback, tdPipe.tpot == nil else {
            return false
        }
        return foresight == .exact || foresight == .limit
    }

    /// Whether requests are begun in the order of their arrival.
    var servesByArrival: Bool {
        guard policy == "td-pipe" else { return true }
        return tdPipe.order == .arrival || (tdPipe.order == .auto && !lengths.isExact)
    }

    /// What the policy promises of idle stages; nil if nothing. What one virtual engine has in excess no other can use.
    var occupancy: OccupancyChecker? {
        let half = configuration.blockCount / 2
        switch policy {
        case "separate", "hybrid", "throttle": return OccupancyChecker(.fullPipeline, upTo: half)
        case "td-pipe":
            // For the sake of the answers, prompts may wait for long.
            guard tdPipe.tpot == nil else { return nil }
            let stages = configuration.stages
            guard case .fixed(let share) = tdPipe.greedy else {
                return OccupancyChecker(.companyExcept(stages + answersToLearnFrom), upTo: half)
            }
            let blocks = Int(min(0.5, share) * Double(configuration.blockCount))
            return OccupancyChecker(.companyExcept(stages), upTo: blocks)
        default: return nil
        }
    }

    /// Answers that end before td-pipe knows that answers are short: the first forecast counts as four of them. So after
    /// `n` answers the forecast is `4 / (n + 4)` of the first, and many of them fit the pool when it is a fraction of it.
    private var answersToLearnFrom: Int {
        let first: Int
        switch foresight {
        case .exact, .limit: return 0
        case .wrong: first = predictions.max() ?? 0
        case .constant(let tokens): first = tokens
        case .history, .promptLength: first = 256
        }
        return 8 + 16 * first / configuration.poolTokens
    }

    /// The most micro-batches that a run may need without faults: each micro-batch advances some sequence, and the
    /// oldest request never loses its blocks, so that tokens are recomputed only for the sake of an older request.
    var microBatchLimit: Int {
        let tokens = requests.reduce(0) { $0 + $1.spec.prompt.count + $1.answer.count }
        return configuration.stages * (2 * tokens + 10 * requests.count) + configuration.prefillWindow
    }
}
