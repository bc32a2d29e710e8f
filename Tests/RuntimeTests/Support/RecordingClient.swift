import Runtime
import Scheduling

/// Hands out requests and keeps what comes back, and that it comes in order.
final class RecordingClient: EngineClient {
    enum Call: Hashable, CaseIterable {
        case nextRequest, emitted, finished, rejected, reported
    }
    struct Fault: Error, Equatable {}

    private var requests: ArraySlice<RequestSpec>
    /// What each request was answered with.
    private(set) var answers: [RequestID: [TokenID]] = [:]
    private(set) var reasons: [RequestID: FinishReason] = [:]
    private(set) var rejections: [RequestID: AdmissionError] = [:]
    private(set) var steps: [StepRecord] = []
    /// Broken promises of the driver; none is expected.
    private(set) var faults: [String] = []
    private(set) var handedOut = 0
    /// Called after each emission.
    var onEmission: (Int) -> Void = { _ in }
    /// The answer counts as complete at this length, as a stop string would end it.
    var stopLength: [RequestID: Int] = [:]
    /// Throw from the n-th call of a kind.
    var failAt: (call: Call, count: Int)?
    private var calls: [Call: Int] = [:]
    private var emissions = 0

    init(_ requests: [RequestSpec]) { self.requests = requests[...] }

    private func count(_ call: Call) throws {
        calls[call, default: 0] += 1
        if let failAt, failAt.call == call, calls[call] == failAt.count { throw Fault() }
    }

    func nextRequest() throws -> RequestSpec? {
        try count(.nextRequest)
        handedOut += requests.isEmpty ? 0 : 1
        return requests.popFirst()
    }

    func emitted(_ request: RequestID, _ tokens: [SampledToken]) throws -> Bool {
        try count(.emitted)
        if tokens.isEmpty { faults.append("nothing was emitted for \(request)") }
        if reasons[request] != nil { faults.append("\(request) went on after its end") }
        answers[request, default: []] += tokens.map(\.token)
        emissions += 1
        onEmission(emissions)
        return answers[request]!.count < stopLength[request] ?? .max
    }

    func finished(_ request: RequestID, _ reason: FinishReason) throws {
        try count(.finished)
        if reasons.updateValue(reason, forKey: request) != nil { faults.append("\(request) ended twice") }
    }

    func rejected(_ request: RequestID, _ error: AdmissionError) throws {
        try count(.rejected)
        if rejections.updateValue(error, forKey: request) != nil { faults.append("\(request) was refused twice") }
    }

    func reported(_ step: StepRecord) throws {
        try count(.reported)
        if step.microBatch.rawValue != steps.count { faults.append("\(step.microBatch) was reported out of order") }
        steps.append(step)
    }
}
