/// A row of a slice from which a token is drawn.
public struct DrawPoint: Sendable {
    public let task: SamplingTask
    private let storedRow: Int32

    /// The row within the slice; the drawn token follows the token of this row.
    public var row: Int { Int(storedRow) }

    public init(row: Int, task: SamplingTask) {
        storedRow = Int32(row)
        self.task = task
    }
}

/// The rows of a slice from which tokens are drawn, in ascending order. Nearly all slices have no draw or one draw,
/// which take no heap memory.
public struct DrawPoints: RandomAccessCollection, Sendable {
    private enum Storage: Sendable {
        case none
        case one(DrawPoint)
        case several([DrawPoint])
    }
    private let storage: Storage

    private init(_ storage: Storage) { self.storage = storage }

    /// - Parameter points: in ascending order of rows, each row at most once.
    public init(_ points: [DrawPoint]) {
        precondition(
            zip(points, points.dropFirst()).allSatisfy { $0.row < $1.row }, "draws are not in the order of their rows")
        switch points.count {
        case 0: storage = .none
        case 1: storage = .one(points[0])
        default: storage = .several(points)
        }
    }

    public static let none = DrawPoints(.none)

    public static func one(_ task: SamplingTask, row: Int) -> DrawPoints {
        DrawPoints(.one(DrawPoint(row: row, task: task)))
    }

    /// Whether all rows are within a slice of `rows` rows.
    func fit(rows: Int) -> Bool {
        switch storage {
        case .none: true
        case .one(let point): (0..<rows).contains(point.row)
        case .several(let points): points[0].row >= 0 && points[points.count - 1].row < rows
        }
    }

    public var startIndex: Int { 0 }

    public var endIndex: Int {
        switch storage {
        case .none: 0
        case .one: 1
        case .several(let points): points.count
        }
    }

    public var isEmpty: Bool { if case .none = storage { true } else { false } }

    public subscript(position: Int) -> DrawPoint {
        switch storage {
        case .none: preconditionFailure("draw \(position) of none")
        case .one(let point):
            precondition(position == 0, "draw \(position) of one")
            return point
        case .several(let points): return points[position]
        }
    }
}

/// How to draw the next token of a sequence. Holds all that the draw depends on except the logits, so that a stage
/// keeps no state of requests and a recomputed sequence draws the same tokens again.
public struct SamplingTask: Sendable {
    /// Boxed: the parameters are large and never change, and every micro-batch of the request refers to them. Parameters
    /// and history share a box, so that a slice of a greedy request holds no reference for its draw.
    final class Shared: Sendable {
        let parameters: SamplingParameters
        let history: [TokenID]

        init(_ parameters: SamplingParameters, history: [TokenID] = []) {
            self.parameters = parameters
            self.history = history
        }
    }
    /// nil for greedy draws.
    private let shared: Shared?
    private let storedGenerated: Int32

    /// Tokens drawn so far: the position of this draw in the answer.
    public var generated: Int { Int(storedGenerated) }
    public var parameters: SamplingParameters { shared?.parameters ?? .greedy }
    /// Prompt and answer so far, only if the parameters need it; else empty.
    public var history: [TokenID] { shared?.history ?? [] }

    public init(parameters: SamplingParameters, generated: Int, history: [TokenID]) {
        let isPlain = parameters == .greedy && history.isEmpty
        self.init(isPlain ? nil : Shared(parameters, history: history), generated: generated)
    }

    init(_ shared: Shared?, generated: Int) {
        self.shared = shared
        storedGenerated = Int32(generated)
    }
}
