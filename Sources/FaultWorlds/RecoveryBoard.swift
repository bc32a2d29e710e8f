import Scheduling

/// The records of the controller in a world with faults: of stages, and of micro-batches on their way back.
struct RecoveryBoard: Sendable {
    struct Retirement: Sendable {
        let batch: Int
        let tokens: [[SampledToken]]
        let seconds: [Double]
    }
    /// The number of the latest reset order.
    var epoch = 0
    /// By stage: the number of losses that were noticed.
    var noticed: [Int]
    /// By stage: whether it has acknowledged the latest reset order.
    var hasForgotten: [Bool]
    /// The micro-batch whose retirement comes next.
    private(set) var next = 0
    /// Retirements that came before their turn.
    private var early: [Int: Retirement] = [:]

    init(stages: Int) {
        noticed = Array(repeating: 0, count: stages)
        hasForgotten = Array(repeating: true, count: stages)
    }

    /// A loss was noticed: all micro-batches below `next` are void.
    mutating func begin(next: Int) {
        epoch += 1
        hasForgotten = hasForgotten.map { _ in false }
        self.next = next
        early = [:]
    }

    /// Takes a retirement, and returns the retirements whose turn it is. A retirement whose turn has passed is returned
    /// too: the core has to recognise that it is too late.
    mutating func take(_ retirement: Retirement) -> [Retirement] {
        guard retirement.batch >= next else { return [retirement] }
        early[retirement.batch] = retirement
        var due: [Retirement] = []
        while let first = early[next] {
            early[next] = nil
            due.append(first)
            next += 1
        }
        return due
    }
}
