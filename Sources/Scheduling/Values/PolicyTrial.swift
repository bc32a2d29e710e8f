/// A trial of policies by one that chooses among them, with what it found.
public struct PolicyTrial: Sendable, Hashable {
    /// What began a trial.
    public enum Occasion: String, Sendable, Hashable, CaseIterable {
        /// Requests are there for the first time.
        case start
        /// Twice as many answers have ended as at the last trial.
        case answersEnded = "answers ended"
        /// Fewer requests wait.
        case queueDrains = "queue drains"
    }

    /// A policy that was tried.
    public struct Candidate: Sendable, Hashable {
        /// The policy and what it differs in, in the form in which studies name policies: `hybrid+chunk=512`.
        public let name: String
        /// How much its rollout got done in a second, divided by what the policy in charge got done; by the most of all
        /// if that one stalled. nil if the rollout stalled: it planned nothing for requests that were left.
        public let rate: Double?

        public init(name: String, rate: Double?) {
            self.name = name
            self.rate = rate
        }
    }

    /// Counted from 1. The number of a trial that the loss of a stage cut short is missing in the record.
    public var number: Int
    public var occasion: Occasion
    /// Requests that waited when the trial began.
    public var waiting: Int
    /// Requests that held blocks when the trial began.
    public var active: Int
    /// Answers whose length was known when the trial began.
    public var answers: Int
    public var candidates: [Candidate]
    /// The candidate that planned before, as an index of `candidates`.
    public var inCharge: Int
    /// The candidate that goes on, as an index of `candidates`.
    public var chosen: Int

    /// - Parameters: `inCharge` and `chosen` are indices of `candidates`.
    public init(
        number: Int, occasion: Occasion, waiting: Int, active: Int, answers: Int, candidates: [Candidate],
        inCharge: Int, chosen: Int
    ) {
        self.number = number
        self.occasion = occasion
        self.waiting = waiting
        self.active = active
        self.answers = answers
        self.candidates = candidates
        self.inCharge = inCharge
        self.chosen = chosen
    }

    /// Whether another candidate goes on than the one that planned before.
    public var isChange: Bool { chosen != inCharge }
}

/// A trial in the record of a run.
public struct RecordedTrial: Sendable, Hashable {
    public let trial: PolicyTrial
    /// The dispatch of the first micro-batch after the trial.
    public let time: Instant
    /// That micro-batch.
    public let microBatch: MicroBatchID

    public init(_ trial: PolicyTrial, time: Instant, microBatch: MicroBatchID) {
        self.trial = trial
        self.time = time
        self.microBatch = microBatch
    }
}

extension StepRecord {
    /// The trials that were concluded for this micro-batch, with its time.
    public var recordedTrials: [RecordedTrial] {
        trials.map { RecordedTrial($0, time: dispatched, microBatch: microBatch) }
    }
}
