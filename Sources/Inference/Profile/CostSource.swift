import Runtime
import Scheduling

/// The source of the step costs with which a run plans.
public struct CostSource: Sendable {
    /// A file that the user named; nil: the file at the standard path.
    public var profile: String?

    public init(profile: String? = nil) { self.profile = profile }

    /// Checks a named profile before anything is loaded.
    /// - Returns: the profile; nil if none was named.
    /// - Throws: `InferenceError` that names the differences between the profile and the run.
    package func named(for model: TextModel, _ options: EngineOptions) throws(InferenceError) -> StepProfile? {
        guard let profile else { return nil }
        let found = try ProfileFile(path: profile).read()
        let differences = found.differences(from: model, options)
        guard differences.isEmpty else {
            throw InferenceError(.badProfile, "\(profile) was measured with \(differences.joined(separator: "; "))")
        }
        return found
    }

    /// The costs for a deployment: from the named profile, from the standard path, or else from a short measurement.
    /// - Parameters:
    ///   - named: the result of `named(for:_:)`.
    ///   - isNeeded: whether a policy plans with the costs. If not, an existing profile is still used, to compare the
    ///     run with; without a profile nothing is measured, and the costs are assumed.
    ///   - onNotice: called with a line if a stored profile is not used, and if costs are measured now.
    package func costs(
        for deployment: Deployment, named: StepProfile?, isNeeded: Bool = true, onNotice: (String) -> Void
    ) throws -> any StepCost {
        if let named { return try named.costs() }
        if let stored = stored(for: deployment, onNotice: { if isNeeded { onNotice($0) } }) { return stored }
        guard isNeeded else { return AssumedStepCost(stages: deployment.options.stages) }
        onNotice("no step profile of this model and pipeline is stored; measuring a short one (see tideway profile)")
        return try deployment.measureSteps(ProfilePlan.short).costs()
    }

    private func stored(for deployment: Deployment, onNotice: (String) -> Void) -> MeasuredStepCost? {
        let standard = ProfileFile.standard(for: deployment.model, deployment.options)
        guard let file = standard, file.exists else { return nil }
        do {
            let found = try file.read()
            let differences = found.differences(from: deployment.model, deployment.options)
            if differences.isEmpty { return try found.costs() }
            onNotice("\(file.path) is left aside: it was measured with \(differences.joined(separator: "; "))")
        } catch {
            onNotice("the step profile is left aside: \(error)")
        }
        return nil
    }
}
