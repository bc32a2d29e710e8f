import Platform

/// Why a run cannot begin or go on.
public typealias RuntimeError = CodedError<RuntimeErrors>

public enum RuntimeErrors: ErrorDomain {}

extension RuntimeError.Code {
    public static var badStageCount: Self { Self("bad_stage_count") }
    public static var kvPoolTooSmall: Self { Self("kv_pool_too_small") }
    public static var stageFailed: Self { Self("stage_failed") }
    public static var stalled: Self { Self("stalled") }
}
