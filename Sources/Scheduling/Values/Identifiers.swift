/// A token's index in the model's vocabulary.
public typealias TokenID = Int32

/// Identifies one sequence of tokens that the engine generates: a request, or one of its `n` choices.
/// Chosen by the caller of the core, unique within a run.
public struct RequestID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int
    public init(_ rawValue: Int) { self.rawValue = rawValue }
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    public var description: String { "request \(rawValue)" }
}

/// Numbers the micro-batches of a run from 0 in the order of dispatch. Stages execute in this order.
public struct MicroBatchID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int
    public init(_ rawValue: Int) { self.rawValue = rawValue }
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    public var description: String { "micro-batch \(rawValue)" }
}

/// A pipeline stage, counted from 0 at the embedding to P-1 at the output head.
public struct StageID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int
    public init(_ rawValue: Int) { self.rawValue = rawValue }
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    public var description: String { "stage \(rawValue)" }
}

/// A KV block's index in the one logical pool. Every stage holds its layers' share of each block.
public typealias BlockID = Int32

/// A moment of a run: nanoseconds since the run began, told to the core by its driver.
public struct Instant: Hashable, Comparable, Sendable {
    public let nanoseconds: Int64
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
    public static let zero = Instant(nanoseconds: 0)
    public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
    /// Seconds since the run began.
    public var seconds: Double { Double(nanoseconds) * 1e-9 }
    /// Seconds from `earlier` to this moment.
    public func seconds(since earlier: Instant) -> Double { Double(nanoseconds - earlier.nanoseconds) * 1e-9 }
}
