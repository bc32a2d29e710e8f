import Runtime
import Scheduling

/// Has requests and keeps what comes back, and that it comes in order.
final class RecordingClient: AnswerSink, @unchecked Sendable {
    // Unchecked: the thread of the run alone uses it until the run has ended.
    struct Fault: Error, Equatable {}

    let requests: [RequestSpec]
    /// What each request was answered with.
    private(set) var answers: [RequestID: [TokenID]] = [:]
    private(set) var reasons: [RequestID: FinishReason] = [:]
    private(set) var rejections: [RequestID: AdmissionError] = [:]
    private(set) var failures: [RequestID: any Error] = [:]
    private(set) var steps: [StepRecord] = []
    /// Broken promises of the driver; none is expected.
    private(set) var faults: [String] = []
    /// Called after each emission.
    var onEmission: (Int) -> Void = { _ in }
    /// The answer counts as complete at this length, as a stop string would end it.
    var stopLength: [RequestID: Int] = [:]
    /// Throws from the n-th emission of this request.
    var failAt: (request: RequestID, emission: Int)?
    private var emissions = 0
    private var emissionsOf: [RequestID: Int] = [:]

    init(_ requests: [RequestSpec]) { self.requests = requests }

    /// Requests of which an end was told.
    var ended: Int { reasons.count + rejections.count + failures.count }

    var submissions: [Submission] { requests.map { Submission($0, to: self) } }

    func emitted(_ request: RequestID, _ tokens: [SampledToken]) throws -> Bool {
        emissionsOf[request, default: 0] += 1
        if let failAt, failAt.request == request, failAt.emission == emissionsOf[request] { throw Fault() }
        if tokens.isEmpty { faults.append("nothing was emitted for \(request)") }
        if hasEnded(request) { faults.append("\(request) went on after its end") }
        answers[request, default: []] += tokens.map(\.token)
        emissions += 1
        onEmission(emissions)
        return answers[request]!.count < stopLength[request] ?? .max
    }

    func ended(_ request: RequestID, _ end: RequestEnd) {
        if hasEnded(request) { faults.append("\(request) ended twice") }
        switch end {
        case .finished(let reason): reasons[request] = reason
        case .rejected(let error): rejections[request] = error
        case .failed(let error): failures[request] = error
        }
    }

    private func hasEnded(_ request: RequestID) -> Bool {
        reasons[request] != nil || rejections[request] != nil || failures[request] != nil
    }

    func reported(_ step: StepRecord) {
        if step.microBatch.rawValue != steps.count { faults.append("\(step.microBatch) was reported out of order") }
        steps.append(step)
    }
}

extension EngineDriver {
    /// Runs a client's requests to their end.
    func run(
        _ core: EngineCore, client: RecordingClient, profile: MeasuredStepCost? = nil,
        recorder: EventRecorder? = nil
    ) throws -> DriverReport {
        submit(client.submissions)
        finish()
        return try run(core, profile: profile, recorder: recorder, onStep: client.reported)
    }
}
