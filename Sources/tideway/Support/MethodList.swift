import ArgumentParser
import Studies

extension StudyMethod {
    /// Reads the methods that `--policies` names, with commas between them: policies as `simulate study` reads them, each
    /// with a plan after an at sign or without one.
    /// - Throws: an error of usage.
    static func list(parsing names: String) throws -> [StudyMethod] {
        var methods: [StudyMethod] = []
        for text in names.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            let (policy, plan) = try Usage.read { try split(text) }
            let method = StudyMethod(try StudyPolicy.list(parsing: policy, options: nil)[0], plan: plan)
            guard !methods.contains(where: { $0.label == method.label }) else {
                throw ValidationError("--policies names '\(method.label)' twice")
            }
            methods.append(method)
        }
        return methods
    }
}
