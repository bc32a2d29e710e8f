import Scheduling

/// A policy as the user names it, with its options and its length predictor. The choice does not change any token.
public struct PolicyChoice: Sendable, Hashable {
    /// One of `PolicyCatalogue.names`.
    public let name: String
    public let tdPipe: TDPipeOptions
    /// The length predictor, in the form that `LengthPredictorCatalogue` reads; nil: the default of the command.
    public let lengths: String?
    /// The choice as it was written, including its options.
    public let label: String

    /// - Parameters:
    ///   - options: options of td-pipe, such as `greedy=fixed:0.7,stealing=off`, for it or for `auto`, which tries it;
    ///     nil for the defaults.
    ///   - lengths: the length predictor, in a form of `LengthPredictorCatalogue.usage`.
    /// - Throws: `InferenceError` that names what is allowed.
    public init(
        name: String = PolicyCatalogue.defaultName, options: String? = nil, lengths: String? = nil
    ) throws(InferenceError) {
        try self.init(name: name, options: options, lengths: lengths, label: name)
    }

    /// Reads `td-pipe+stealing=off+switch=fixed:0.4`: a policy, followed by its options, each after a plus sign.
    /// `lengths=` is an option here too.
    /// - Parameters:
    ///   - options: options of td-pipe, if the text names none; ignored for policies that have none.
    ///   - lengths: the length predictor, if the text names none.
    public init(parsing text: String, options: String? = nil, lengths: String? = nil) throws(InferenceError) {
        let parts = text.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        let prefix = "lengths="
        let own = parts.dropFirst().filter { !$0.hasPrefix(prefix) }
        let named = parts.dropFirst().filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        guard named.count <= 1 else {
            throw InferenceError(.badOption, "'\(text)' names \(named.count) length predictors; one is allowed")
        }
        let shared = PolicyCatalogue.forecasting.contains(parts[0]) ? options : nil
        try self.init(
            name: parts[0], options: own.isEmpty ? shared : own.joined(separator: ","),
            lengths: named.first ?? lengths, label: text)
    }

    private init(name: String, options: String?, lengths: String?, label: String) throws(InferenceError) {
        guard PolicyCatalogue.names.contains(name) else {
            let known = PolicyCatalogue.names.joined(separator: ", ")
            throw InferenceError(.unknownPolicy, "there is no policy '\(name)'; policies: \(known)")
        }
        guard options == nil || PolicyCatalogue.forecasting.contains(name) else {
            throw InferenceError(
                .badOption,
                "policy '\(name)' was given the options '\(options ?? "")'; only "
                    + "\(PolicyCatalogue.forecasting.joined(separator: " and ")) have any")
        }
        do {
            tdPipe = try options.map { try TDPipeOptions(parsing: $0) } ?? TDPipeOptions()
        } catch {
            throw InferenceError(.badOption, "\(error)")
        }
        if let lengths { _ = try Self.predictor(named: lengths, respectsLimit: true) }
        self.name = name
        self.lengths = lengths
        self.label = label
    }

    /// Whether the policy plans with step costs and predicted lengths.
    public var isForecasting: Bool { PolicyCatalogue.forecasting.contains(name) }

    /// Whether the policy asks a learned predictor.
    /// - Parameter fallback: the predictor if the choice names none.
    package func asksLearned(fallback: String) -> Bool { isForecasting && (lengths ?? fallback) == "learned" }

    /// A fresh predictor.
    /// - Parameter respectsLimit: whether the predictor may know an answer's limit; false if it is the true length.
    package static func predictor(named name: String, respectsLimit: Bool) throws(InferenceError) -> any LengthPredictor
    {
        do { return try LengthPredictorCatalogue.predictor(named: name, respectsLimit: respectsLimit) } catch {
            throw InferenceError(.badOption, "\(error)")
        }
    }

    /// The policy as a fresh value.
    /// - Parameters:
    ///   - lengths: the predictor if the choice names none.
    ///   - respectsLimit: whether the predictor may know an answer's limit; false if it is the true length.
    package func policy(
        costs: any StepCost, lengths fallback: String, respectsLimit: Bool
    ) throws(InferenceError) -> any SchedulingPolicy {
        let predictor = try Self.predictor(named: lengths ?? fallback, respectsLimit: respectsLimit)
        let settings = PolicySettings(costs: costs, lengths: predictor, tdPipe: tdPipe)
        if let policy = PolicyCatalogue.policy(named: name, settings: settings) { return policy }
        throw InferenceError(.unknownPolicy, "there is no policy '\(name)'")
    }
}
