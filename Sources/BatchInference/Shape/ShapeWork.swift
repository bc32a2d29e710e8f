import Inference
import OpenAIProtocol
import Scheduling

/// A sample of the requests that are left to do, from which the time of a run in a pipeline of some shape is predicted.
struct ShapeWork: Sendable {
    /// One for each answer that is wanted.
    let requests: [RequestSpec]

    /// The most answers of a sample.
    private static let mostRequests = 256
    /// The most expected tokens of the sample's answers: a bound on the time that a prediction takes.
    private static let mostTokens = 200_000

    /// Takes lines from all over the input. Lines that cannot be run are left out: their errors are reported when
    /// their turn comes. A trained predictor is not asked yet; the requests have no forecast.
    /// - Parameters:
    ///   - isDone: whether the line at an index has its answer already.
    ///   - lengths: the predictor of answer lengths.
    /// - Throws: `BatchError` if the input cannot be read.
    init(
        of input: InputFile, without isDone: (Int) -> Bool, builder: RequestBuilder, contextLength: Int,
        lengths: any LengthPredictor
    ) throws {
        let left = (0..<input.count).filter { !isDone($0) }
        var found: [RequestSpec] = []
        for index in Self.spread(left, most: Self.mostRequests) where found.count < Self.mostRequests {
            guard case .request(let request) = try input.line(at: index),
                let specs = try? builder.specs(for: request, firstID: found.count)
            else { continue }
            found += specs
        }
        let expected = found.reduce(0) { sum, spec in
            let limit = spec.maxNewTokens ?? contextLength - spec.prompt.count
            let facts = AnswerFacts(
                request: spec.id, promptTokens: spec.prompt.count, generated: 0, limit: max(1, limit))
            return sum + min(lengths.answerTokens(facts), contextLength)
        }
        guard expected > Self.mostTokens else {
            requests = found
            return
        }
        // At least one request, since `expected` is above 0.
        requests = Self.spread(found, most: max(1, found.count * Self.mostTokens / expected))
    }

    /// At most `most` elements at even distances.
    static func spread<Element>(_ elements: [Element], most: Int) -> [Element] {
        guard elements.count > most else { return elements }
        return (0..<most).map { elements[$0 * elements.count / most] }
    }

    /// The seconds that the sample takes under a policy.
    /// - Returns: nil if the policy plans nothing for requests that are left.
    func seconds(
        _ configuration: EngineConfiguration, policy: any SchedulingPolicy, lengths: any LengthPredictor,
        costs: any StepCost
    ) -> Double? {
        var core = EngineCore(configuration: configuration, policy: policy)
        // Requests that never fit are refused here as in the run.
        var refusals: [EngineAction] = []
        for request in requests { core.handle(.arrived(request), at: .zero, into: &refusals) }
        var rollout = Rollout(core.view, policy, lengths, costs, extra: 0, mostWork: .max)
        while rollout.state == .running { rollout.advance(work: Self.workAtATime) }
        return rollout.state == .ended ? rollout.now : nil
    }

    /// Parts of micro-batches between looks at the rollout's state.
    private static let workAtATime = 1_000_000
}
