import Scheduling

/// What the controller of a world with faults remembers of stages and of micro-batches on their way back.
struct RecoveryBoard: Sendable {
    struct Retirement: Sendable {
        let batch: Int
        let tokens: [[SampledToken]]
        let seconds: [Double]
    }
    /// The number of the latest order to forget.
    var epoch = 0
    /// By stage: the losses that were noticed, and whether it has obeyed the latest order.
    var noticed: [Int]
    var hasForgotten: [Bool]
    /// The micro-batch whose retirement comes next, and those that came before their turn.
    private(set) var next = 0
    private var early: [Int: Retirement] = [:]

    init(stages: Int) {
        noticed = Array(repeating: 0, count: stages)
        hasForgotten = Array(repeating: true, count: stages)
    }

    /// A loss is noticed: nothing of the micro-batches below `next` counts any more.
    mutating func begin(next: Int) {
        epoch += 1
        hasForgotten = hasForgotten.map { _ in false }
        self.next = next
        early = [:]
    }

    /// Takes a retirement; returns those whose turn it is. One that has had its turn is returned too: it is for the core
    /// to know that it is too late.
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
