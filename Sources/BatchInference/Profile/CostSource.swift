import Runtime
import Scheduling

/// Where a run finds the step costs that it plans with.
public struct CostSource: Sendable {
    /// A file that the user named; nil: the standard place is looked at.
    public var profile: String?

    public init(profile: String? = nil) { self.profile = profile }

    /// Checks a named profile before anything is loaded.
    /// - Returns: the profile, nil if none was named.
    /// - Throws: `BatchError` that names what the profile was measured with and what the run has.
    func named(for model: TextModel, _ options: EngineOptions) throws(BatchError) -> StepProfile? {
        guard let profile else { return nil }
        let found = try ProfileFile(path: profile).read()
        let differences = found.differences(from: model, options)
        guard differences.isEmpty else {
            throw BatchError(.badProfile, "\(profile) was measured with \(differences.joined(separator: "; "))")
        }
        return found
    }

    /// The costs for a deployment: from the named profile, from the standard place, or else from a short measurement.
    /// - Parameters:
    ///   - named: what `named(for:_:)` found.
    ///   - onNotice: is told in a line if a stored profile is left aside, and if costs are measured now.
    func costs(
        for deployment: Deployment, named: StepProfile?, onNotice: (String) -> Void
    ) throws -> any StepCost {
        if let named { return try named.costs() }
        if let stored = stored(for: deployment, onNotice: onNotice) { return stored }
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
