import Platform

/// Why a batch cannot be run.
public typealias BatchError = CodedError<BatchErrors>

public enum BatchErrors: ErrorDomain {}

extension BatchError.Code {
    /// An option that does not exist, or is not available here.
    public static var badOption: Self { Self("bad_option") }
    /// A history of answers that is damaged.
    public static var badHistory: Self { Self("bad_history") }
    /// A length predictor that belongs to another model or another encoder.
    public static var badPredictor: Self { Self("bad_predictor") }
    /// A line of a workload that cannot be run.
    public static var badWorkload: Self { Self("bad_workload") }
    /// The run ended, and some requests have no line of output; never the fault of the input.
    public static var requestsMissing: Self { Self("requests_missing") }
    /// A file cannot be opened, read, written or made durable.
    public static var file: Self { Self("file_error") }
    /// Two input lines carry the same id.
    public static var duplicateID: Self { Self("duplicate_custom_id") }
    /// The input file changed while it was in use.
    public static var inputChanged: Self { Self("input_changed") }
    /// Another process writes to the output file.
    public static var outputLocked: Self { Self("output_locked") }
    /// The existing output file is not the beginning of this run's results.
    public static var foreignOutput: Self { Self("foreign_output") }
}

extension BatchError {
    /// The result of `body`; errors of files are rethrown as `BatchError`.
    static func reading<Result>(_ body: () throws -> Result) throws(BatchError) -> Result {
        do {
            return try body()
        } catch let error as BatchError {
            throw error
        } catch {
            throw BatchError(.file, "\(error)", cause: error)
        }
    }
}
