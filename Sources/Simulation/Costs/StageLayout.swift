/// Which part of a model each pipeline stage holds.
public struct StageLayout: Sendable, Hashable {
    /// Layers of each stage.
    public let layers: [Int]
    /// Tokens of the vocabulary whose logits each stage computes.
    public let vocabulary: [Int]

    public var stages: Int { layers.count }

    /// - Throws: `invalid_setting` unless there is a stage, both lists have the same length, and no number is negative.
    public init(layers: [Int], vocabulary: [Int]) throws(SimulationError) {
        guard !layers.isEmpty, layers.count == vocabulary.count else {
            throw SimulationError(
                .invalidSetting,
                "a layout has layers for \(layers.count) stages and shares of the vocabulary for \(vocabulary.count); "
                    + "as many are needed, and at least 1")
        }
        guard let least = (layers + vocabulary).min(), least >= 0 else {
            throw SimulationError(
                .invalidSetting, "a layout has the layers \(layers) and shares \(vocabulary); none may be below 0")
        }
        self.layers = layers
        self.vocabulary = vocabulary
    }

    /// The split of TD-Pipe's released code, for clusters of GPUs: the output head is on the last stage. Layers that
    /// are left over after an even split go to the stages before the last, one each, from the back.
    /// - Throws: `invalid_setting` for fewer layers than stages.
    public static func headLast(_ model: ModelShape, stages: Int) throws(SimulationError) -> StageLayout {
        try check(model, stages)
        var layers = [Int](repeating: model.layers / stages, count: stages)
        for extra in 0..<(model.layers % stages) { layers[stages - 2 - extra] += 1 }
        var vocabulary = [Int](repeating: 0, count: stages)
        vocabulary[stages - 1] = model.vocabulary
        return try StageLayout(layers: layers, vocabulary: vocabulary)
    }

    private static func check(_ model: ModelShape, _ stages: Int) throws(SimulationError) {
        guard 1...model.layers ~= stages else {
            throw SimulationError(
                .invalidSetting,
                "\(stages) stages were asked for; the \(model.layers) layers of \(model.name) allow 1...\(model.layers)"
            )
        }
    }
}
