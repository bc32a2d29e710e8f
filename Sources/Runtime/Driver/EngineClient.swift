import Scheduling

/// Where requests come from and where tokens go. Called on the controller's thread, between steps: what takes long here
/// holds up the pipeline.
public protocol EngineClient: AnyObject {
    /// The next request; nil when there is none left.
    func nextRequest() throws -> RequestSpec?
    /// New tokens of an answer. Returns false if the answer is complete (a stop string): the request then ends.
    func emitted(_ request: RequestID, _ tokens: [SampledToken]) throws -> Bool
    func finished(_ request: RequestID, _ reason: FinishReason) throws
    func rejected(_ request: RequestID, _ error: AdmissionError) throws
    /// A micro-batch retired.
    func reported(_ step: StepRecord) throws
}
