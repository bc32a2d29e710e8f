import Scheduling

/// Never has anything to do.
struct StubbornPolicy: SchedulingPolicy {
    let name = "stubborn"

    mutating func plan(_ view: SchedulerView) -> StepPlan? { nil }
}
