import Runtime
import Scheduling

/// Where a run finds the step costs that it plans with.
public struct CostSource: Sendable {
    /// A file that the user named; nil: the standard place is looked at.
    public var profile: String?

    public init(profile: String? = nil) { self.profile = profile }

    /// Checks a named profile before anything is loaded.
    /// - Returns: the profile, nil if none was named.
    /// - Throws: `InferenceError` that names what the profile was measured with and what the run has.
    package func named(for model: TextModel, _ options: EngineOptions) throws(InferenceError) -> StepProfile? {
        guard let profile else { return nil }
        let found = try ProfileFile(path: profile).read()
        let differences = found.differences(from: model, options)
        guard differences.isEmpty else {
            throw InferenceError(.badProfile, "\(profile) was measured with \(differences.joined(separator: "; "))")
        }
        return found
    }

    /// The costs for a deployment: from the named profile, from the standard place, or else from a short measurement.
    /// - Parameters:
    ///   - named: what `named(for:_:)` found.
    ///   - isNeeded: whether a policy plans with them. If none does, a profile that is there is still worth having, to
    ///     compare the run with; nothing is measured for that, and the costs are assumed where there is none.
    ///   - onNotice: is told in a line if a stored profile is left aside, and if costs are measured now.
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
