import Scheduling
import Simulation

/// Times in whole nanoseconds, for sums that can be done by hand.
struct HandTiming: StageTiming {
    /// By stage: of any micro-batch, and of each row on top.
    var layers: [Int]
    var perToken = 0
    /// By stage, for each row of the head.
    var head: [Int]
    var bytesPerToken = 0
    var headPieces = 1
    var layerPieces: [Int] = []

    init(layers: [Int], perToken: Int = 0, head: [Int]? = nil, bytesPerToken: Int = 0) {
        self.layers = layers
        self.perToken = perToken
        self.head = head ?? layers.map { _ in 0 }
        self.bytesPerToken = bytesPerToken
    }

    var stages: Int { layers.count }

    func layerSeconds(_ load: StepLoad, on stage: Int) -> Double {
        Double(layers[stage] + perToken * load.tokens) * 1e-9
    }

    func headSeconds(_ load: StepLoad, on stage: Int) -> Double { Double(head[stage] * load.sequences) * 1e-9 }

    func activationBytes(_ load: StepLoad) -> Int { bytesPerToken * load.tokens }
}

extension HandTiming {
    /// Decode steps of one request in each of two micro-batches, on two stages.
    func decodeOfTwo(outputTokens: Int) throws -> SimulatedRun {
        let simulation = PipelineSimulation(
            configuration: EngineConfiguration(
                stages: 2, tokensPerBlock: 8, blockCount: 1000, contextLength: 100, prefillChunk: 8), timing: self)
        return try simulation.run(
            [SimulatedRequest](
                repeating: SimulatedRequest(promptTokens: 8, outputTokens: outputTokens), count: 2),
            policy: SeparatePolicy())
    }
}

/// Seconds that need not be times at all.
struct BrokenTiming: StageTiming {
    var stages = 1
    var layers = 1e-9
    var head = 0.0
    var bytes = 0

    func layerSeconds(_ load: StepLoad, on stage: Int) -> Double { layers }
    func headSeconds(_ load: StepLoad, on stage: Int) -> Double { head }
    func activationBytes(_ load: StepLoad) -> Int { bytes }
}

/// A piece of a stage's work, in nanoseconds.
struct Piece: Hashable, CustomStringConvertible {
    let stage: Int
    let batch: Int
    let work: StageWork
    let from: Int
    let to: Int

    init(_ stage: Int, _ batch: Int, _ from: Int, _ to: Int) { self.init(stage, batch, .layers, from, to) }

    init(_ stage: Int, _ batch: Int, _ work: StageWork, _ from: Int, _ to: Int) {
        self.stage = stage
        self.batch = batch
        self.work = work
        self.from = from
        self.to = to
    }

    init(_ span: StageSpan) {
        self.init(
            span.stage.rawValue, span.microBatch.rawValue, span.work, Int(span.begin.nanoseconds),
            Int(span.end.nanoseconds))
    }

    var description: String { "s\(stage) b\(batch) \(work.rawValue) \(from)-\(to)" }
}

extension [StageSpan] {
    /// By stage, then by time.
    var pieces: [Piece] { map(Piece.init).sorted { ($0.stage, $0.from, $0.to) < ($1.stage, $1.from, $1.to) } }
}

extension MicroBatch {
    /// One slice for each number of tokens; all draw, or none.
    init(_ id: Int, tokens: [Int] = [1], draws: Bool = true) {
        let slices = tokens.enumerated().map { index, count in
            SequenceSlice(
                request: RequestID(index), start: 0, tokens: [TokenID](repeating: 0, count: count), blocks: [],
                sampling: draws ? SamplingTask(parameters: .greedy, generated: 0, history: []) : nil)
        }
        self.init(id: MicroBatchID(id), phase: .prefill, slices: slices)
    }
}

/// A micro-batch of which the controller has heard.
struct Heard: Hashable {
    let batch: Int
    let at: Int

    init(_ batch: Int, at: Int) {
        self.batch = batch
        self.at = at
    }
}

extension SimulatedPipeline {
    /// Lets everything happen up to the next moment at which the controller hears of micro-batches, and returns those;
    /// empty if nothing is in flight.
    mutating func nextRetirements() throws(SimulationError) -> [Retirement] {
        var retired = takeRetirements()
        while retired.isEmpty, let next = nextTime {
            try advance(to: next)
            retired = takeRetirements()
        }
        return retired
    }

    /// Dispatches micro-batches at 0 and lets everything happen.
    mutating func run(_ batches: [MicroBatch]) throws -> [Heard] {
        for batch in batches { try dispatch(batch, at: .zero) }
        var heard: [Heard] = []
        while true {
            let retirements = try nextRetirements()
            if retirements.isEmpty { return heard }
            heard += retirements.map { Heard($0.batch.rawValue, at: Int($0.time.nanoseconds)) }
        }
    }
}

/// The code of the error that a body throws; nil if it throws none.
func code(_ body: () throws(SimulationError) -> Void) -> SimulationError.Code? {
    do {
        try body()
        return nil
    } catch {
        return error.code
    }
}
