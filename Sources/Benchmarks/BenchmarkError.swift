import Platform

/// Why a benchmark cannot be run.
package typealias BenchmarkError = CodedError<BenchmarkErrors>

package enum BenchmarkErrors: ErrorDomain {}

extension BenchmarkError.Code {
    /// A line of a workload that cannot be run.
    package static var badWorkload: Self { Self("bad_workload") }
    /// A file of figures that is damaged, or does not contain runs.
    package static var badRun: Self { Self("bad_run") }
    /// An option that does not exist, or is not available here.
    package static var badOption: Self { Self("bad_option") }
    /// Step costs that belong to another model or another pipeline.
    package static var badProfile: Self { Self("bad_profile") }
    /// A description of a model that cannot be simulated.
    package static var unsupportedModel: Self { Self("unsupported_model") }
    /// Two runs of a benchmark gave different tokens: a bug in Tideway.
    package static var tokensDiffer: Self { Self("tokens_differ") }
    /// A policy planned nothing although requests were alive: a bug in Tideway.
    package static var stalled: Self { Self("stalled") }
}
