import Scheduling

/// The settings of a scheduling core, as kept in an event log.
package struct EventLogSetup: Sendable, Hashable {
    package var configuration: EngineConfiguration
    /// A name of `PolicyCatalogue`.
    package var policy: String
    /// Options of td-pipe. Like the fields below, they matter only to policies that forecast.
    package var tdPipe: TDPipeOptions
    /// The length predictor, by its name in `LengthPredictorCatalogue`.
    package var lengths: String
    /// Whether the length predictor may know the limit of an answer.
    package var respectsLimit: Bool
    /// The samples to which the step costs were fitted; empty for assumed costs.
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
    /// - Throws: `unknown_name` for a policy that does not exist; `invalid_setting` for a predictor that does not
    ///   exist, or for samples to which no cost can be fitted.
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
