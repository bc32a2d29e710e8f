import DequeModule
import Scheduling

/// What the simulated pipeline knows of a micro-batch between its dispatch and its retirement.
struct Flight: Sendable {
    let load: StepLoad
    /// Tokens whose keys and values are read: the lengths of the sequences after it.
    let cacheReads: Double
    let isAmongLikeDecodeSteps: Bool
    /// The piece of layers that comes next, of those of all stages.
    var nextLayer = 0
    /// For each slice as many tokens as are to be drawn.
    let tokens: [[SampledToken]]
    /// Seconds of each stage so far.
    var stageSeconds: [Double]
    /// Pieces of the output head that have yet to end.
    var piecesLeft = 0
    /// By stage: the pieces of its share of the head that nobody has begun; empty before the head begins.
    var freePieces: [Int] = []
    /// Whether the controller's side has its result.
    var isDone = false

    /// What nearly all slices get that draw: one token.
    private static let drawn = [SampledToken(0)]

    init(_ batch: MicroBatch, stages: Int) {
        load = batch.load
        cacheReads = batch.slices.reduce(0) { $0 + Double($1.start + $1.tokens.count) }
        tokens = batch.slices.map { slice in
            slice.draws.count == 1 ? Self.drawn : [SampledToken](repeating: SampledToken(0), count: slice.draws.count)
        }
        isAmongLikeDecodeSteps = batch.isAmongLikeDecodeSteps
        stageSeconds = [Double](repeating: 0, count: stages)
    }
}

extension Flight {
    /// Whether a stage can take a piece of the head.
    func hasPiece(for stage: Int, steals: Bool) -> Bool {
        freePieces[stage] > 0 || steals && freePieces.contains { $0 > 0 }
    }

    /// Takes a piece of the head for a stage: of its own share, or of the share that has most left. Returns the stage
    /// whose share it is of; nil if there is none.
    mutating func takePiece(for stage: Int, steals: Bool) -> Int? {
        var owner = stage
        if freePieces[stage] == 0 {
            guard steals, let other = freePieces.indices.max(by: { freePieces[$0] < freePieces[$1] }) else {
                return nil
            }
            owner = other
        }
        guard freePieces[owner] > 0 else { return nil }
        freePieces[owner] -= 1
        return owner
    }
}

/// The micro-batches in flight, by number: they begin and retire in the order of their numbers.
struct FlightTable: Sendable {
    private var flights = Deque<Flight>()
    /// The number of the oldest.
    private(set) var oldest = 0

    var isEmpty: Bool { flights.isEmpty }
    /// The number that comes next.
    var next: Int { oldest + flights.count }

    subscript(batch: Int) -> Flight {
        get { flights[batch - oldest] }
        _modify { yield &flights[batch - oldest] }
    }

    mutating func append(_ flight: Flight) { flights.append(flight) }

    /// Takes the oldest micro-batch out if its result is there; nil if it is not.
    mutating func removeDone() -> (batch: Int, flight: Flight)? {
        guard flights.first?.isDone == true else { return nil }
        defer { oldest += 1 }
        return (oldest, flights.removeFirst())
    }
}
