import LengthPrediction
import ModelFiles
import Testing

@Suite("Files of predictors")
struct PredictorFileTests {
    private static let examples = PlantedAnswers().examples(400)
    private static let trained = Result { try LengthTrainer(examples, options: .small).train() }
    private static let origin = PredictorOrigin(
        encoder: "a \"small\" encoder\n", encoderFolder: "over/there", encoderFingerprint: .max, window: 256,
        keep: .ends, model: "modèle",
        modelFingerprint: 0x51)

    private static func file(_ kind: LearnedLengths.Kind) throws -> PredictorFile {
        let trained = try trained.get()
        let predictor = try #require(trained.predictors.first { $0.kind == kind })
        return PredictorFile(
            predictor: predictor, origin: origin, answers: trained.answers, dataDigest: trained.dataDigest,
            evaluation: trained.heldOut)
    }

    @Test(arguments: LearnedLengths.Kind.allCases)
    func aFileGivesThePredictorBack(kind: LearnedLengths.Kind) throws {
        let file = try Self.file(kind)
        let bytes = file.bytes
        let again = try PredictorFile(parsing: bytes)
        #expect(again == file)
        #expect(again.bytes == bytes)
        for example in Self.examples.prefix(50) {
            let features = example.features
            #expect(
                again.predictor.forecast(features: features, promptTokens: example.promptTokens)
                    == file.predictor.forecast(features: features, promptTokens: example.promptTokens))
        }
    }

    @Test func theFileOfATrainingIsThatOfItsChoice() throws {
        let trained = try Self.trained.get()
        let file = PredictorFile(trained, origin: Self.origin)
        #expect(file == (try Self.file(trained.chosen.kind)))
        #expect(try SafetensorsFile(bytes: file.bytes).metadata["format"] == "tideway-length-predictor")
    }

    @Test(arguments: LearnedLengths.Kind.allCases)
    func aFileThatIsCutShortIsRefused(kind: LearnedLengths.Kind) throws {
        let bytes = try Self.file(kind).bytes
        for length in stride(from: 0, to: bytes.count, by: 97) {
            let error = #expect(throws: PredictionError.self) {
                try PredictorFile(parsing: Array(bytes.prefix(length)))
            }
            #expect(error?.code == .badPredictor)
        }
    }

    /// Whatever a byte becomes, the file is read or refused, and what it gives forecasts.
    @Test func aChangedByteIsNoTrap() throws {
        let file = try Self.file(.quantiles)
        let example = Self.examples[0]
        let bytes = file.bytes
        var read = 0
        let header = 4000
        let places = stride(from: 0, to: header, by: 3).map { $0 } + stride(from: header, to: bytes.count, by: 61)
        for place in places {
            var changed = bytes
            changed[place] ^= UInt8(1 << (place % 8))
            guard let damaged = try? PredictorFile(parsing: changed) else { continue }
            read += 1
            let forecast = damaged.predictor.forecast(features: example.features, promptTokens: 3)
            #expect(forecast.tokens.allSatisfy { $0 >= 1 })
        }
        // A weight with another bit is still a weight.
        #expect(read > 20)
    }

    @Test(arguments: [
        ("format", "other", "known are tideway-length-predictor"), ("format_version", "2", "'format_version' is \"2\""),
        ("kind", "oracle", "known are classes, quantiles"), ("perceptrons", "0", "from 1 to 64"),
        ("perceptrons", "5", "head.4.0.weight"), ("perceptrons", "3", "tensors"),
        ("hidden", "32,17", "head.0.1.weight"),
        ("hidden", "", "names 0 layers"), ("hidden", "32,99999999999999999999", "'hidden' is"),
        ("prompt_length", "perhaps", "known are true, false"), ("cuts", "5,4,9", "ascend"),
        ("cuts", "1", "classes.lengths"), ("cuts", "1,2,3,4,5", "at most 4"), ("cuts", "x", "'cuts' is \"x\""),
        ("encoder_fingerprint", "q", "hexadecimal"), ("window", "0", "'window' is \"0\""),
        ("keep", "none", "first, ends"),
        ("answers", "-1", "'answers' is \"-1\""), ("data_digest", "", "hexadecimal"),
        ("evaluation", "{}", "'evaluation'"),
        ("model", nil, "no 'model'"), ("model_fingerprint", nil, "no 'model_fingerprint'"),
    ])
    func wrongMetadataAreNamed(name: String, text: String?, problem: String) throws {
        try check(problem) { metadata, _ in metadata[name] = text }
    }

    @Test(arguments: [
        ("scaler.deviations", 0, Float(0), "deviation is 0"), ("scaler.means", 1, .nan, "'scaler.means' holds nan"),
        ("target", 1, -1, "deviation is -1"), ("head.1.2.bias", 0, .infinity, "'head.1.2.bias' holds inf"),
        ("overall.lengths", 0, -3, "do not ascend"), ("classes.lengths", 8, 1e9, "do not ascend"),
        ("curve.scores", 0, 1e8, "'curve.scores' do not ascend"), ("curve.lengths", 7, 0, "do not ascend"),
    ])
    func wrongNumbersAreNamed(name: String, index: Int, number: Float, problem: String) throws {
        try check(problem) { _, tensors in
            let place = try #require(tensors.firstIndex { $0.name == name })
            tensors[place].numbers[index] = number
        }
    }

    @Test(arguments: ["scaler.means", "target", "head.0.0.weight", "head.3.2.bias", "curve.scores", "overall.lengths"])
    func aMissingTensorIsNamed(name: String) throws {
        try check(name) { _, tensors in tensors.removeAll { $0.name == name } }
    }

    @Test func tensorsOfOtherSizesAndUnknownOnesAreRefused() throws {
        try check("'target' has the shape [3]") { _, tensors in
            let place = try #require(tensors.firstIndex { $0.name == "target" })
            tensors[place].shape = [3]
            tensors[place].numbers.append(1)
        }
        try check("tensors") { _, tensors in
            tensors.append(Tensor(name: "more", shape: [1], numbers: [1]))
        }
        try check("'curve.scores' has the shape []") { _, tensors in
            let place = try #require(tensors.firstIndex { $0.name == "curve.scores" })
            tensors[place] = Tensor(name: "curve.scores", shape: [], numbers: [1])
        }
    }

    private struct Tensor {
        let name: String
        var shape: [Int]
        var numbers: [Float]
    }

    /// Reads a file that `change` has changed and looks for `problem` in what is said of it.
    private func check(
        _ problem: String, change: (inout [String: String], inout [Tensor]) throws -> Void
    ) throws {
        let sound = try SafetensorsFile(bytes: Self.file(.quantiles).bytes)
        var metadata = sound.metadata
        var tensors = try sound.tensors.map { info in
            Tensor(name: info.name, shape: info.shape, numbers: try sound.tensor(named: info.name).floats())
        }
        try change(&metadata, &tensors)
        var writer = SafetensorsWriter(metadata: metadata)
        for tensor in tensors { writer.add(tensor.name, shape: tensor.shape, tensor.numbers) }
        let error = #expect(throws: PredictionError.self) { try PredictorFile(parsing: writer.bytes) }
        #expect(error?.code == .badPredictor)
        #expect(error?.message.contains(problem) == true, "\(error?.message ?? "")")
    }
}
