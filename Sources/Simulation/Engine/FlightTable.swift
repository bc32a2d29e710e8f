import DequeModule
import Scheduling

/// What the simulated pipeline knows of a micro-batch between its dispatch and its retirement.
struct Flight: Sendable {
    let load: StepLoad
    /// Tokens whose keys and values are read: the sum of the lengths of the sequences after this micro-batch.
    let cacheReads: Double
    let isAmongLikeDecodeSteps: Bool
    /// The index of the next piece of layers, counted over all stages.
    var nextLayer = 0
    /// The drawn tokens of each slice.
    let tokens: [[SampledToken]]
    /// Seconds that each stage has spent on the micro-batch so far.
    var stageSeconds: [Double]
    /// Pieces of the output head that have yet to end.
    var piecesLeft = 0
    /// By stage: the pieces of its share of the head that no stage has begun; empty before the head begins.
    var freePieces: [Int] = []
    /// Whether the result has reached the controller.
    var isDone = false

    /// The result of nearly all slices that draw: one token. Shared, so that a slice allocates no array.
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

    /// Takes a piece of the head for a stage: from its own share, or with work stealing from the share that has most
    /// left. Returns the stage that owns the share; nil if no piece is left.
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
    /// The number of the oldest micro-batch in flight.
    private(set) var oldest = 0

    var isEmpty: Bool { flights.isEmpty }
    /// The number of the next micro-batch to be dispatched.
    var next: Int { oldest + flights.count }

    subscript(batch: Int) -> Flight {
        get { flights[batch - oldest] }
        _modify { yield &flights[batch - oldest] }
    }

    mutating func append(_ flight: Flight) { flights.append(flight) }

    /// Takes out the oldest micro-batch if its result is there; otherwise returns nil.
    mutating func removeDone() -> (batch: Int, flight: Flight)? {
        guard flights.first?.isDone == true else { return nil }
        defer { oldest += 1 }
        return (oldest, flights.removeFirst())
    }
}
