import Platform

/// Why a run cannot begin or go on.
package typealias RuntimeError = CodedError<RuntimeErrors>

package enum RuntimeErrors: ErrorDomain {}

extension RuntimeError.Code {
    package static var badStageCount: Self { Self("bad_stage_count") }
    package static var kvPoolTooSmall: Self { Self("kv_pool_too_small") }
    package static var stageFailed: Self { Self("stage_failed") }
    package static var stalled: Self { Self("stalled") }
}
