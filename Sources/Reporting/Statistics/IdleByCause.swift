/// One figure for each cause of idleness: seconds, or shares of the stages' time.
package struct IdleByCause: Sendable, Hashable {
    private var amounts = [Double](repeating: 0, count: IdleCause.allCases.count)

    /// No idleness at all.
    package init() {}

    package subscript(cause: IdleCause) -> Double {
        get { amounts[Self.place(of: cause)] }
        set { amounts[Self.place(of: cause)] = newValue }
    }

    /// All causes together.
    package var total: Double { amounts.reduce(0, +) }

    /// Each figure times `factor`.
    package func scaled(by factor: Double) -> IdleByCause {
        var result = self
        for place in amounts.indices { result.amounts[place] *= factor }
        return result
    }

    /// The cause's index, in the order of `IdleCause.allCases`.
    private static func place(of cause: IdleCause) -> Int {
        switch cause {
        case .warmUp: 0
        case .starved: 1
        case .blocked: 2
        case .phaseSwitch: 3
        case .handOver: 4
        case .drain: 5
        }
    }
}
