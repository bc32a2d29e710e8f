import Scheduling
import TestTools

/// The policies that the tests run, by name.
enum TestPolicies {
    static let names = ["separate", "hybrid", "throttle", "virtual-separate", "virtual-hybrid", "td-pipe", "auto"]
    /// Those that hold a prompt back for a reserve of blocks, and preempt the latest arrival as soon as blocks are short.
    static let reserving = ["separate", "hybrid"]

    /// td-pipe that always expects one more token.
    static let blind = "td-pipe, blind"
    /// td-pipe that expects the lengths of earlier answers, or of 300 tokens, whatever the limit.
    static let learning = "td-pipe, history"
    static let constant = "td-pipe, constant"

    /// A policy with its defaults; td-pipe expects each answer to reach its limit.
    static func named(_ name: String, stages: Int) -> any SchedulingPolicy {
        switch name {
        case "separate": SeparatePolicy()
        case "hybrid": HybridPolicy()
        case "throttle": ThrottlePolicy()
        case "virtual-separate": VirtualEnginesPolicy(SeparatePolicy())
        case "virtual-hybrid": VirtualEnginesPolicy(HybridPolicy())
        case "auto": AutoPolicy(costs: TestCost(stages: stages), lengths: TestPredictor(.constant(1)))
        case blind: TDPipePolicy(costs: TestCost(stages: stages), lengths: TestPredictor(.constant(1)))
        case learning: TDPipePolicy(costs: TestCost(stages: stages), lengths: HistoryPredictor(respectsLimit: false))
        case constant:
            TDPipePolicy(
                costs: TestCost(stages: stages), lengths: ConstantPredictor(tokens: 300, respectsLimit: false))
        default: TDPipePolicy(costs: TestCost(stages: stages), lengths: TestPredictor(.limit))
        }
    }
}

/// A step cost that is drawn from a seed: unequal stages, each a staircase with a slope. What it observes changes it.
struct TestCost: StepCost {
    let stages: Int
    private var fixed: [Double]
    private var perToken: [Double]
    private var perContext: [Double]
    private var perSequence: [Double]
    private let tread: Int

    /// Equal stages: one second a token.
    init(stages: Int) {
        self.stages = stages
        fixed = Array(repeating: 0.1, count: stages)
        perToken = Array(repeating: 1, count: stages)
        perContext = Array(repeating: 0, count: stages)
        perSequence = Array(repeating: 0, count: stages)
        tread = 1
    }

    init(stages: Int, seed: Int) {
        var random = SplitMix(schedule: seed)
        self.stages = stages
        let scale = random.element([1e-6, 1e-3, 1, 1e6])
        func times(_ most: Double) -> [Double] {
            let isEven = random.oneIn(2)
            let first = Double(random.int(1...100)) / 100
            return (0..<stages).map { _ in scale * most * (isEven ? first : Double(random.int(1...100)) / 100) }
        }
        fixed = times(10)
        perToken = times(random.element([0, 0.01, 1]))
        perContext = times(random.element([0, 0.001, 0.1]))
        perSequence = times(random.element([0, 1]))
        tread = random.element([1, 8, 64])
    }

    func seconds(_ load: StepLoad, on stage: Int) -> Double {
        let steps = Double((load.tokens + tread - 1) / tread * tread)
        return fixed[stage] + perToken[stage] * steps + perContext[stage] * Double(load.context)
            + perSequence[stage] * Double(load.sequences)
    }

    mutating func observe(_ load: StepLoad, on stage: Int, seconds: Double) {
        fixed[stage] = 0.9 * fixed[stage] + 0.1 * seconds
    }
}

/// Predictors from true to wild.
struct TestPredictor: LengthPredictor {
    enum Kind: Hashable {
        /// The true length of each answer, by request id.
        case truth([Int])
        case limit
        case constant(Int)
        /// Anything at all, even what the protocol forbids.
        case wild(Int)
        /// The mean of the answers so far.
        case mean
    }
    let name = "test"
    private let kind: Kind
    private var sum = 0
    private var count = 0

    init(_ kind: Kind) { self.kind = kind }

    func answerTokens(_ facts: AnswerFacts) -> Int {
        switch kind {
        case .truth(let lengths): lengths[facts.request.rawValue]
        case .limit: facts.limit
        case .constant(let tokens): max(tokens, facts.generated + 1)
        case .wild(let seed):
            [Int.min, -1, 0, 1, 2, 5, 30, 1000, .max][
                Int(mixed(UInt64(seed + 31 * facts.request.rawValue + facts.generated)) % 9)]
        case .mean: max(count == 0 ? 1 : sum / count, facts.generated + 1)
        }
    }

    mutating func observe(promptTokens: Int, generated: Int) {
        sum += generated
        count += 1
    }
}
