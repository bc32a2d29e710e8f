import OpenAIProtocol
import Platform

extension PredictorFile {
    private static let mostPerceptrons = 64
    private static let mostInputs = 65_537
    private static let mostHidden = 4096
    private static let mostLayers = 8
    private static let mostBins = 4096
    private static let mostTokens = 1 << 30

    /// Reads a file in the form of `bytes`; every size and number is checked.
    /// - Throws: `bad_predictor` that names what is wrong.
    package init(parsing bytes: [UInt8]) throws(PredictionError) {
        var tensors = try PredictorTensors(bytes)
        _ = try tensors.word("format", [Self.format])
        _ = try tensors.integer("format_version", in: Self.version...Self.version)
        let kind = try tensors.word("kind", LearnedLengths.Kind.self)
        let head = try Self.head(&tensors)
        let overall = try tensors.octiles("overall.lengths", count: 1)[0]
        let classes = try Self.classes(&tensors)
        let reading: LearnedLengths.Reading =
            kind == .classes ? .classes : .quantiles(try Self.curve(&tensors))
        try tensors.checkNothingIsLeft()
        let origin = PredictorOrigin(
            encoder: try tensors.text("encoder"), encoderFolder: try tensors.text("encoder_folder"),
            encoderFingerprint: try tensors.hexadecimal("encoder_fingerprint"),
            window: try tensors.integer("window", in: 1...Self.mostTokens),
            keep: try tensors.word("keep", Window.self), model: try tensors.text("model"),
            modelFingerprint: try tensors.hexadecimal("model_fingerprint"))
        self.init(
            predictor: LearnedLengths(head: head, reading: reading, overall: overall, classes: classes),
            origin: origin, answers: try tensors.integer("answers", in: 0...Self.mostTokens),
            dataDigest: try tensors.hexadecimal("data_digest"), evaluation: try Self.evaluation(tensors))
    }

    private static func head(_ tensors: inout PredictorTensors) throws(PredictionError) -> LengthHead {
        let inputs = try tensors.rows("scaler.means", in: 1...mostInputs)
        let means = try tensors.floats("scaler.means", shape: [inputs])
        let deviations = try tensors.floats("scaler.deviations", shape: [inputs])
        let target = try tensors.floats("target", shape: [2])
        if let wrong = (deviations + [target[1]]).first(where: { $0 <= 0 }) {
            throw PredictionError(.badPredictor, "a deviation is \(wrong); above 0 is possible")
        }
        let usesPromptLength = try tensors.word("prompt_length", ["true", "false"]) == "true"
        guard inputs > (usesPromptLength ? 1 : 0) else {
            throw PredictionError(.badPredictor, "'scaler.means' has 1 number, the prompt's; features are needed")
        }
        let hidden = try tensors.integers("hidden", in: 1...mostHidden)
        guard (1...mostLayers).contains(hidden.count) else {
            throw PredictionError(
                .badPredictor, "'hidden' names \(hidden.count) layers; 1 to \(mostLayers) are possible")
        }
        var perceptrons: [Perceptron] = []
        for number in 0..<(try tensors.integer("perceptrons", in: 1...mostPerceptrons)) {
            perceptrons.append(try perceptron(number, inputs: inputs, hidden: hidden, &tensors))
        }
        return LengthHead(
            scaler: FeatureScaler(means: means, deviations: deviations), perceptrons: perceptrons,
            targetMean: target[0], targetDeviation: target[1], usesPromptLength: usesPromptLength)
    }

    private static func perceptron(
        _ number: Int, inputs: Int, hidden: [Int], _ tensors: inout PredictorTensors
    ) throws(PredictionError) -> Perceptron {
        var parameters: [Float] = []
        for (index, (inputs, outputs)) in zip([inputs] + hidden, hidden + [1]).enumerated() {
            let name = "head.\(number).\(index)"
            parameters += try tensors.floats(name + ".weight", shape: [inputs, outputs])
            parameters += try tensors.floats(name + ".bias", shape: [outputs])
        }
        return Perceptron(inputs: inputs, hidden: hidden, parameters: parameters)
    }

    private static func classes(_ tensors: inout PredictorTensors) throws(PredictionError) -> AnswerClasses {
        let cuts = try tensors.integers("cuts", in: 0...mostTokens)
        guard cuts.count <= AnswerClasses.percentiles.count, zip(cuts, cuts.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw PredictionError(
                .badPredictor,
                "'cuts' are \(cuts.prefix(8)); at most \(AnswerClasses.percentiles.count) that ascend are possible")
        }
        return AnswerClasses(cuts: cuts, octiles: try tensors.octiles("classes.lengths", count: cuts.count + 1))
    }

    private static func curve(_ tensors: inout PredictorTensors) throws(PredictionError) -> CalibrationCurve {
        let count = try tensors.rows("curve.scores", in: 1...mostBins)
        let scores = try tensors.floats("curve.scores", shape: [count])
        guard zip(scores, scores.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw PredictionError(.badPredictor, "the scores of tensor 'curve.scores' do not ascend")
        }
        return CalibrationCurve(scores: scores, octiles: try tensors.octiles("curve.lengths", count: count))
    }

    private static func evaluation(_ tensors: PredictorTensors) throws(PredictionError) -> LengthEvaluation {
        let text = try tensors.text("evaluation")
        guard let json = try? JSONParser.parse(Array(text.utf8)), let evaluation = LengthEvaluation(json) else {
            throw PredictionError(.badPredictor, "'evaluation' does not hold the figures of an evaluation")
        }
        return evaluation
    }
}
