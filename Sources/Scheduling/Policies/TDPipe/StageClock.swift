import DequeModule

/// Time as a policy can know it, from the seconds that stages take: each micro-batch passes stage after stage, behind
/// the one before it. No clock is read, so that equal observations give equal times.
///
/// Time in which nothing is in flight does not pass; links and the controller take none.
struct StageClock: Sendable {
    /// A micro-batch in flight.
    private struct Flight: Sendable {
        let issued: Double
        let load: StepLoad
        /// Whether an answer begins with it.
        let beginsAnswer: Bool
    }

    /// Stages as far as they are taken.
    struct Course: Sendable {
        /// When each stage is free.
        fileprivate(set) var free: [Double]

        /// A micro-batch that is issued at `start` passes all stages.
        /// - Returns: when the last stage is done.
        fileprivate mutating func pass(from start: Double, seconds: (Int) -> Double) -> Double {
            var ready = start
            for stage in free.indices {
                ready = max(ready, free[stage]) + seconds(stage)
                free[stage] = ready
            }
            return ready
        }
    }

    /// When what is in flight will be done, by the step costs.
    struct Outlook {
        fileprivate(set) var course: Course
        /// When the first answer begins of those that begin with a micro-batch in flight; nil without one.
        fileprivate(set) var firstAnswer: Double?
        fileprivate let now: Double
        fileprivate let costs: any StepCost

        /// When a stage may begin with a micro-batch that is issued now.
        var start: Double { max(now, course.free.first ?? now) }

        /// A micro-batch is issued now.
        /// - Returns: when it will be done.
        mutating func pass(_ load: StepLoad) -> Double {
            let costs = costs
            return course.pass(from: now) { costs.seconds(load, on: $0) }
        }
    }

    /// Seconds since the run began.
    private(set) var now = 0.0
    private var course: Course
    private var flights = Deque<Flight>()

    init(stages: Int) { course = Course(free: Array(repeating: 0, count: stages)) }

    mutating func issue(_ load: StepLoad, beginsAnswer: Bool) {
        flights.append(Flight(issued: now, load: load, beginsAnswer: beginsAnswer))
    }

    /// The oldest micro-batch in flight has retired.
    /// - Parameter costs: for the seconds of stages that were not measured.
    mutating func retire(_ step: RetiredStep, _ costs: any StepCost) {
        let issued = flights.popFirst()?.issued ?? now
        let done = course.pass(from: issued) { stage in
            step.stageSeconds.indices.contains(stage) ? step.stageSeconds[stage] : costs.seconds(step.load, on: stage)
        }
        now = max(now, done)
    }

    /// Everything in flight is void.
    mutating func drop() {
        flights.removeAll()
        for stage in course.free.indices { course.free[stage] = min(course.free[stage], now) }
    }

    func outlook(_ costs: any StepCost) -> Outlook {
        var outlook = Outlook(course: course, now: now, costs: costs)
        for flight in flights {
            let done = max(now, outlook.course.pass(from: flight.issued) { costs.seconds(flight.load, on: $0) })
            if flight.beginsAnswer { outlook.firstAnswer = min(outlook.firstAnswer ?? done, done) }
        }
        return outlook
    }
}
