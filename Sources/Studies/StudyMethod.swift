import Scheduling
import Simulation

/// A policy with the parallel plan that it runs on.
package struct StudyMethod: Sendable {
    package let policy: StudyPolicy
    /// nil: the plan of the settings, which is a stage for each device unless told.
    package let plan: PlanChoice?

    package init(_ policy: StudyPolicy, plan: PlanChoice? = nil) {
        self.policy = policy
        self.plan = plan
    }

    /// The name in tables and plots: the policy's label, with the plan after an at sign.
    package var label: String { policy.label + (plan.map { "@\($0)" } ?? "") }

    /// The methods that surveys compare, in the form that `--policies` reads.
    package static let compared = (PolicyCatalogue.compared + ["separate@tp", "hybrid@tp"]).joined(separator: ",")

    /// Cuts `hybrid@tp` into the policy's text and the plan.
    /// - Throws: `malformed_text` or `invalid_setting` that names the text, for a plan that is none.
    package static func split(_ text: String) throws(SimulationError) -> (policy: String, plan: PlanChoice?) {
        guard let sign = text.lastIndex(of: "@") else { return (text, nil) }
        do {
            return (String(text[..<sign]), try PlanChoice(parsing: String(text[text.index(after: sign)...])))
        } catch {
            throw SimulationError(
                error.code, "policy '\(text)': \(error.message), and so are pp and tp: all devices one way",
                cause: error)
        }
    }
}
