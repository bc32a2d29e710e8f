import Simulation

/// The settings of a study by their names on the command line: for flags, and for sweeps over any of them.
package enum StudyKeys {
    /// A setting that can be given as a text.
    package struct Key: Sendable {
        package let name: String
        /// The form of the values.
        package let usage: String
        fileprivate let set: @Sendable (inout StudySettings, String, Catalogue) throws(SimulationError) -> Void
    }

    /// In the order in which help and messages name them.
    package static let all: [Key] = [
        Key(name: "cluster", usage: "such as 4xL20") { settings, text, catalogue throws(SimulationError) in
            settings.cluster = try Cluster(text, from: catalogue)
        },
        Key(name: "model", usage: "of the catalogue") { settings, text, catalogue throws(SimulationError) in
            settings.model = try catalogue.model(named: text)
        },
        Key(name: "parallel", usage: "pp4, tp4, tp2pp2") { settings, text, _ throws(SimulationError) in
            settings.plan = try ParallelPlan(text)
        },
        Key(name: "weights", usage: WeightFormat.all.map(\.name).joined(separator: ", ")) {
            settings, text, _ throws(SimulationError) in
            settings.formats.weights = try WeightFormat.named(text)
        },
        Key(name: "requests", usage: "a count") { settings, text, _ throws(SimulationError) in
            settings.requests = try integer(text, "requests", 1...10_000_000)
        },
        Key(name: "seed", usage: "a whole number") { settings, text, _ throws(SimulationError) in
            settings.seed = UInt64(try integer(text, "seed", 0...Int.max))
        },
        Key(name: "rate", usage: "requests a second") { settings, text, _ throws(SimulationError) in
            settings.arrivals = try settings.arrivals.with(rate: try number(text, "rate", 1e-6...1e6))
        },
        Key(name: "arrivals", usage: ArrivalProcess.usage) { settings, text, _ throws(SimulationError) in
            settings.arrivals = try ArrivalProcess(parsing: text)
        },
        Key(name: "predictor", usage: PredictorChoice.usage) { settings, text, _ throws(SimulationError) in
            settings.predictor.source = try PredictorChoice(parsing: text).source
        },
        Key(name: "prediction-error", usage: "a standard deviation of logarithms") {
            settings, text, _ throws(SimulationError) in
            settings.predictor.error = try number(text, "prediction-error", 0...4)
        },
        Key(name: "predictor-bias", usage: "a factor") { settings, text, _ throws(SimulationError) in
            settings.predictor.bias = try number(text, "predictor-bias", 0.001...1000)
        },
        Key(name: "order", usage: WaitingOrder.usage) { settings, text, _ throws(SimulationError) in
            settings.order = try WaitingOrder(parsing: text)
        },
        Key(name: "profile-error", usage: "a standard deviation of logarithms") {
            settings, text, _ throws(SimulationError) in
            settings.profileError = try number(text, "profile-error", DistortedStepCost.errors)
        },
        Key(name: "prefill-chunk", usage: "tokens") { settings, text, _ throws(SimulationError) in
            settings.prefillChunk = try integer(text, "prefill-chunk", StudyPolicy.prefillChunks)
        },
        Key(name: "max-sequences", usage: "a count") { settings, text, _ throws(SimulationError) in
            settings.maxSequences = try integer(text, "max-sequences", 1...(1 << 20))
        },
        Key(name: "memory-share", usage: "above 0, at most 1") { settings, text, _ throws(SimulationError) in
            settings.memoryShare = try number(text, "memory-share", 1e-6...1)
        },
        Key(name: "kv-blocks", usage: "blocks of \(StudySettings.tokensPerBlock) tokens") {
            settings, text, _ throws(SimulationError) in
            settings.blocks = try integer(text, "kv-blocks", 1...(1 << 30))
        },
        Key(name: "controller-us", usage: "microseconds a micro-batch") { settings, text, _ throws(SimulationError) in
            settings.controllerSeconds = try number(text, "controller-us", 0...1e9) * 1e-6
        },
    ]

    package static let names = all.map(\.name)

    /// - Throws: `unknown_name` with the keys that there are.
    package static func key(named name: String) throws(SimulationError) -> Key {
        guard let found = all.first(where: { $0.name == name }) else {
            throw SimulationError(
                .unknownName, "there is no setting '\(name)'; settings: \(names.joined(separator: ", "))")
        }
        return found
    }

    private static func integer(
        _ text: String, _ key: String, _ range: ClosedRange<Int>
    ) throws(SimulationError) -> Int {
        guard let value = Int(text), range.contains(value) else {
            throw SimulationError(
                .invalidSetting,
                "\(key) is '\(text)'; a whole number in \(range.lowerBound)...\(range.upperBound) is needed")
        }
        return value
    }

    private static func number(
        _ text: String, _ key: String, _ range: ClosedRange<Double>
    ) throws(SimulationError) -> Double {
        guard let value = Double(text), range.contains(value) else {
            throw SimulationError(
                .invalidSetting,
                "\(key) is '\(text)'; a number in \(range.lowerBound)...\(range.upperBound) is needed")
        }
        return value
    }
}

extension StudySettings {
    /// Changes the setting of this name.
    /// - Throws: `unknown_name`, `malformed_text` or `invalid_setting`, with what is possible.
    package mutating func set(
        _ key: String, to text: String, from catalogue: Catalogue = .standard
    ) throws(SimulationError) {
        try StudyKeys.key(named: key).set(&self, text, catalogue)
    }
}
