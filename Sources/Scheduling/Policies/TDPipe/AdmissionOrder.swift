/// The order in which a prefill phase is offered the waiting requests, with `order=longest`: those that are expected to
/// decode for the most steps first.
///
/// Long answers decide when a run ends. Begun early they run beside many others; begun last they run alone, and a
/// pipeline needs as many requests as it has stages. Only the requests of a window at the front of the queue are
/// sorted. Nobody starves: who has been passed over in `patience` prefill phases goes before all that may be sorted,
/// in the order of arrival, and nobody goes in its place.
struct AdmissionOrder: Sendable {
    /// Prefill phases in which a request may be passed over.
    static let patience = 4
    /// Requests of which the pool has no room for all tokens that a phase passes over to fill it with others.
    static let backfill = 64
    /// Requests of the window for each sequence that may be active.
    static let window = 4

    /// A waiting request; a slot is used again, and the arrival tells of which request it was.
    struct Candidate: Sendable {
        let slot: Int
        let arrival: Int
        /// Whether it has been passed over too often for others to go in its place.
        let isDue: Bool
    }

    /// For the latest prefill phases, the last arrival that waited at the beginning of each.
    private var horizons: [Int] = []

    /// A prefill phase begins.
    mutating func begin(_ view: SchedulerView) {
        if horizons.count == Self.patience { horizons.removeFirst() }
        horizons.append(view.waiting.last?.arrival ?? horizons.last ?? -1)
    }

    /// The waiting requests of the window.
    /// - Parameter steps: decode steps that a request is expected to take.
    func candidates(_ view: SchedulerView, steps: (SequenceView) -> Int) -> [Candidate] {
        let due = horizons.count == Self.patience ? horizons[0] : -1
        let most = Self.window * view.configuration.maxSequences
        var ranked: [(steps: Int, candidate: Candidate)] = []
        for sequence in view.waiting.prefix(most) {
            let isDue = sequence.arrival <= due
            let candidate = Candidate(slot: sequence.slot, arrival: sequence.arrival, isDue: isDue)
            ranked.append((isDue ? .max : steps(sequence), candidate))
        }
        ranked.sort { ($0.steps, $1.candidate.arrival) > ($1.steps, $0.candidate.arrival) }
        return ranked.map(\.candidate)
    }
}
