import Scheduling

/// How a request ended.
package enum RequestEnd: Sendable {
    /// The answer is whole, or the request was cancelled.
    case finished(FinishReason)
    /// The request can never run here, or not to its end.
    case rejected(AdmissionError)
    /// The request's own sink threw this error, or it ended the run.
    case failed(any Error)
}

/// Where the tokens of requests go. One sink may serve many requests.
///
/// Called on the controller's thread, between steps: slow work here holds up the pipeline. A sink that reads the text
/// of answers hands the tokens to a thread of its own.
package protocol AnswerSink: AnyObject, Sendable {
    /// New tokens of an answer, each exactly once.
    /// - Returns: false if the answer is complete (a stop string): the request then ends.
    /// - Throws: an error that ends this request, and no other.
    func emitted(_ request: RequestID, _ tokens: [SampledToken]) throws -> Bool
    /// Nothing more comes for this request. Called once for each request that was taken in.
    func ended(_ request: RequestID, _ end: RequestEnd)
}

/// A request on its way to the engine, and where its answer goes.
package struct Submission: Sendable {
    package let spec: RequestSpec
    package let sink: any AnswerSink

    package init(_ spec: RequestSpec, to sink: any AnswerSink) {
        self.spec = spec
        self.sink = sink
    }
}
