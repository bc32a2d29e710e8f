import Scheduling

/// All that a scheduling core is made from, as an event log keeps it.
package struct EventLogSetup: Sendable, Hashable {
    package var configuration: EngineConfiguration
    /// A name of `PolicyCatalogue`.
    package var policy: String
    /// The rest is for policies that forecast. A predictor as `LengthPredictorCatalogue` names it, and whether it may
    /// look at the limit of an answer.
    package var tdPipe: TDPipeOptions
    package var lengths: String
    package var respectsLimit: Bool
    /// What the step costs were fitted to; empty for costs that were assumed.
    package var samples: [StepSample]

    package init(
        configuration: EngineConfiguration, policy: String, tdPipe: TDPipeOptions = TDPipeOptions(),
        lengths: String = "history", respectsLimit: Bool = true, samples: [StepSample] = []
    ) {
        self.configuration = configuration
        self.policy = policy
        self.tdPipe = tdPipe
        self.lengths = lengths
        self.respectsLimit = respectsLimit
        self.samples = samples
    }

    /// The core as it was before its first event.
    /// - Throws: `unknown_name` for a policy or a predictor that does not exist, `invalid_setting` for samples that no
    ///   cost can be fitted to.
    package func makeCore() throws(EventLogError) -> EngineCore {
        do {
            let costs: any StepCost =
                samples.isEmpty
                ? AssumedStepCost(stages: configuration.stages) : try MeasuredStepCost(samples)
            guard costs.stages == configuration.stages else {
                throw EventLogError(
                    .invalidSetting,
                    "the step costs are of \(costs.stages) stages, the engine has \(configuration.stages)")
            }
            let predictor = try LengthPredictorCatalogue.predictor(named: lengths, respectsLimit: respectsLimit)
            let settings = PolicySettings(costs: costs, lengths: predictor, tdPipe: tdPipe)
            guard let policy = PolicyCatalogue.policy(named: policy, settings: settings) else {
                let names = PolicyCatalogue.names.joined(separator: ", ")
                throw EventLogError(.unknownName, "there is no policy '\(policy)'; policies: \(names)")
            }
            return EngineCore(configuration: configuration, policy: policy)
        } catch let error as EventLogError {
            throw error
        } catch {
            throw EventLogError(.invalidSetting, "the policy cannot be made: \(error)", cause: error)
        }
    }
}
