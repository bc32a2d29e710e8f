import ModelFiles

/// A trained predictor as a safetensors file: the weights as `F32` tensors, all other data as texts of the metadata.
///
/// `head.N.L.weight` of perceptron N and layer L has the shape [inputs, outputs]; tensors of lengths have eight numbers
/// per row (`LengthForecast`). The same training gives the same bytes.
package struct PredictorFile: Sendable, Hashable {
    package let predictor: LearnedLengths
    package let origin: PredictorOrigin
    /// The number of answers that were learned from.
    package let answers: Int
    /// The digest of the data (`LengthParts.digest`).
    package let dataDigest: UInt64
    /// The evaluation of the predictor on the held-out fifth.
    package let evaluation: LengthEvaluation

    static let format = "tideway-length-predictor"
    static let version = 1

    /// A file of the given kind of predictor, or by default of the predictor that the training chose.
    package init(_ trained: TrainedLengths, kind: LearnedLengths.Kind? = nil, origin: PredictorOrigin) {
        self.init(
            predictor: trained.predictors.first { $0.kind == kind } ?? trained.chosen, origin: origin,
            answers: trained.answers, dataDigest: trained.dataDigest,
            evaluation: trained.heldOut)
    }

    package init(
        predictor: LearnedLengths, origin: PredictorOrigin, answers: Int, dataDigest: UInt64,
        evaluation: LengthEvaluation
    ) {
        self.predictor = predictor
        self.origin = origin
        self.answers = answers
        self.dataDigest = dataDigest
        self.evaluation = evaluation
    }

    /// The bytes of the file.
    package var bytes: [UInt8] {
        let head = predictor.head
        var writer = SafetensorsWriter(metadata: metadata)
        writer.add("scaler.means", shape: [head.scaler.means.count], head.scaler.means)
        writer.add("scaler.deviations", shape: [head.scaler.deviations.count], head.scaler.deviations)
        writer.add("target", shape: [2], [head.targetMean, head.targetDeviation])
        for (number, perceptron) in head.perceptrons.enumerated() {
            for (index, layer) in perceptron.layers.enumerated() {
                let name = "head.\(number).\(index)"
                let weights = Array(perceptron.parameters[layer.weights])
                writer.add(name + ".weight", shape: [layer.inputs, layer.outputs], weights)
                writer.add(name + ".bias", shape: [layer.outputs], Array(perceptron.parameters[layer.biases]))
            }
        }
        add("overall.lengths", [predictor.overall], to: &writer)
        add("classes.lengths", predictor.classes.octiles, to: &writer)
        if case .quantiles(let curve) = predictor.reading {
            writer.add("curve.scores", shape: [curve.scores.count], curve.scores)
            add("curve.lengths", curve.octiles, to: &writer)
        }
        return writer.bytes
    }

    private func add(_ name: String, _ octiles: [LengthOctiles], to writer: inout SafetensorsWriter) {
        writer.add(name, shape: [octiles.count, LengthOctiles.count], octiles.flatMap(\.tokens))
    }

    private var metadata: [String: String] {
        let head = predictor.head
        let widths = head.perceptrons[0].widths.dropFirst().dropLast()
        return [
            "format": Self.format,
            "format_version": "\(Self.version)",
            "kind": predictor.kind.rawValue,
            "perceptrons": "\(head.perceptrons.count)",
            "hidden": widths.map(String.init).joined(separator: ","),
            "prompt_length": "\(head.usesPromptLength)",
            "cuts": predictor.classes.cuts.map(String.init).joined(separator: ","),
            "encoder": origin.encoder,
            "encoder_folder": origin.encoderFolder,
            "encoder_fingerprint": String(origin.encoderFingerprint, radix: 16),
            "window": "\(origin.window)",
            "keep": origin.keep.rawValue,
            "model": origin.model,
            "model_fingerprint": String(origin.modelFingerprint, radix: 16),
            "answers": "\(answers)",
            "data_digest": String(dataDigest, radix: 16),
            "evaluation": String(decoding: evaluation.json.encoded(), as: UTF8.self),
        ]
    }
}
