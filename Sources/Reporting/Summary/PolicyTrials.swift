import Platform
import Scheduling

/// The trials of a policy that chooses among others, for people and for programs.
struct PolicyTrials {
    private let trials: [RecordedTrial]

    /// Changes that a line of text names; further ones are counted.
    private static let changesNamed = 4

    init(_ trials: [RecordedTrial]) { self.trials = trials }

    /// Which candidate planned from when on: `td-pipe, then hybrid+chunk=512 from 41.0 s`; nil without trials.
    func course(style: TextStyle) -> String? {
        guard let first = trials.first else { return nil }
        // The first micro-batch of a run is planned after the first trial.
        var parts = [Self.name(first.trial.candidates, first.trial.chosen)]
        let changes = trials.dropFirst().filter(\.trial.isChange)
        for change in changes.prefix(Self.changesNamed) {
            let name = Self.name(change.trial.candidates, change.trial.chosen)
            parts.append("then \(name) from \(Quantities.duration(change.time.seconds, style: style))")
        }
        let others = changes.count - Self.changesNamed
        if others > 0 { parts.append("and \(others) more \(others == 1 ? "change" : "changes")") }
        return parts.joined(separator: ", ")
    }

    /// An object a trial, in the order of the run. A rate is null where the rollout stalled.
    var json: JSONValue { .array(trials.map { .object(Self.members(of: $0)) }) }

    static func members(of recorded: RecordedTrial) -> [JSONMember] {
        let trial = recorded.trial
        return [
            .init("number", .integer(trial.number)),
            .init("seconds", .number(recorded.time.seconds)),
            .init("micro_batch", .integer(recorded.microBatch.rawValue)),
            .init("occasion", .string(trial.occasion.rawValue)),
            .init("waiting", .integer(trial.waiting)),
            .init("active", .integer(trial.active)),
            .init("answers", .integer(trial.answers)),
            .init("in_charge", .string(name(trial.candidates, trial.inCharge))),
            .init("chosen", .string(name(trial.candidates, trial.chosen))),
            .init(
                "candidates",
                .array(
                    trial.candidates.map { candidate in
                        .object([
                            .init("policy", .string(candidate.name)),
                            .init("rate", candidate.rate.map(JSONValue.number) ?? .null),
                        ])
                    })),
        ]
    }

    /// The candidate that goes on after a trial.
    static func chosen(_ trial: PolicyTrial) -> String { name(trial.candidates, trial.chosen) }

    /// A candidate's rate: `1.034`, or `stalled`.
    static func rate(_ candidate: PolicyTrial.Candidate) -> String {
        candidate.rate.map { Quantities.fixed($0, digits: 3) } ?? "stalled"
    }

    private static func name(_ candidates: [PolicyTrial.Candidate], _ index: Int) -> String {
        candidates.indices.contains(index) ? candidates[index].name : "-"
    }
}
