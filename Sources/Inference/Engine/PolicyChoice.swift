import Scheduling

/// A policy as the user names it, with what it is to know. None of it changes a token.
public struct PolicyChoice: Sendable, Hashable {
    /// One of `PolicyCatalogue.names`.
    public let name: String
    public let tdPipe: TDPipeOptions
    /// Names a length predictor as `LengthPredictorCatalogue` reads it; nil: what the command takes by default.
    public let lengths: String?
    /// The choice as it was written, its options included.
    public let label: String

    /// - Parameters:
    ///   - options: of td-pipe, such as `greedy=fixed:0.7,stealing=off`; nil for the policy as it stands.
    ///   - lengths: the length predictor, as `LengthPredictorCatalogue.usage` has it.
    /// - Throws: `InferenceError` that names what is allowed.
    public init(
        name: String = PolicyCatalogue.defaultName, options: String? = nil, lengths: String? = nil
    ) throws(InferenceError) {
        try self.init(name: name, options: options, lengths: lengths, label: name)
    }

    /// Reads `td-pipe+stealing=off+switch=fixed:0.4`: a policy, and options of its own after plus signs. `lengths=` is
    /// an option here too.
    /// - Parameters: `options` and `lengths` hold where the text names none; `options` for td-pipe alone.
    public init(parsing text: String, options: String? = nil, lengths: String? = nil) throws(InferenceError) {
        let parts = text.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        let prefix = "lengths="
        let own = parts.dropFirst().filter { !$0.hasPrefix(prefix) }
        let named = parts.dropFirst().filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        guard named.count <= 1 else {
            throw InferenceError(.badOption, "'\(text)' names \(named.count) length predictors; one is allowed")
        }
        let shared = parts[0] == Self.forecasting ? options : nil
        try self.init(
            name: parts[0], options: own.isEmpty ? shared : own.joined(separator: ","),
            lengths: named.first ?? lengths, label: text)
    }

    private init(name: String, options: String?, lengths: String?, label: String) throws(InferenceError) {
        guard PolicyCatalogue.names.contains(name) else {
            let known = PolicyCatalogue.names.joined(separator: ", ")
            throw InferenceError(.unknownPolicy, "there is no policy '\(name)'; policies: \(known)")
        }
        guard options == nil || name == Self.forecasting else {
            throw InferenceError(
                .badOption,
                "policy '\(name)' was given the options '\(options ?? "")'; \(Self.forecasting) alone has any")
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

    /// The policy that plans with step costs and predicted lengths.
    package static let forecasting = "td-pipe"

    /// Whether the policy plans with step costs and predicted lengths.
    public var isForecasting: Bool { name == Self.forecasting }

    /// Whether the policy asks a learned predictor.
    /// - Parameter fallback: the predictor where the choice names none.
    package func asksLearned(fallback: String) -> Bool { isForecasting && (lengths ?? fallback) == "learned" }

    /// A fresh predictor.
    /// - Parameter respectsLimit: whether it may know the limit of an answer; false where that is the true length.
    package static func predictor(named name: String, respectsLimit: Bool) throws(InferenceError) -> any LengthPredictor
    {
        do { return try LengthPredictorCatalogue.predictor(named: name, respectsLimit: respectsLimit) } catch {
            throw InferenceError(.badOption, "\(error)")
        }
    }

    /// The policy as a fresh value.
    /// - Parameters:
    ///   - lengths: the predictor where the choice names none.
    ///   - respectsLimit: whether a predictor may know the limit of an answer; false where that is the true length.
    package func policy(
        costs: any StepCost, lengths fallback: String, respectsLimit: Bool
    ) throws(InferenceError) -> any SchedulingPolicy {
        let predictor = try Self.predictor(named: lengths ?? fallback, respectsLimit: respectsLimit)
        let settings = PolicySettings(costs: costs, lengths: predictor, tdPipe: tdPipe)
        if let policy = PolicyCatalogue.policy(named: name, settings: settings) { return policy }
        throw InferenceError(.unknownPolicy, "there is no policy '\(name)'")
    }
}
