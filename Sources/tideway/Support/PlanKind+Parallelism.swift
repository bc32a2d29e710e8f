import Reporting
import Studies

extension PlanKind {
    /// The kind as reports name it.
    init(_ parallelism: Parallelism) {
        switch parallelism {
        case .pipeline: self = .pipeline
        case .tensor: self = .tensor
        case .mixed: self = .mixed
        }
    }
}
