import Platform

/// Why something could not be simulated.
public typealias SimulationError = CodedError<SimulationErrors>

public enum SimulationErrors: ErrorDomain {
    public static func text(of error: SimulationError) -> String { "\(error.code): \(error.message)" }
}

extension SimulationError.Code {
    /// A setting outside its limits.
    public static var invalidSetting: Self { Self("invalid_setting") }
    /// A model that a device's memory cannot hold.
    public static var doesNotFit: Self { Self("does_not_fit") }
    /// A request that no world could run, such as one without an answer.
    public static var invalidRequest: Self { Self("invalid_request") }
    /// A name of no known policy, device, link, model or workload.
    public static var unknownName: Self { Self("unknown_name") }
    /// A text that is not of its format; the message names the line and the field.
    public static var malformedText: Self { Self("malformed_text") }
    /// The policy had nothing to do although requests were left.
    public static var stalled: Self { Self("stalled") }
    /// Times ran past what the virtual clock can count.
    public static var clockExceeded: Self { Self("clock_exceeded") }
    /// The accounts of the scheduling core do not agree: a bug in it.
    public static var integrity: Self { Self("integrity") }
}
