import ArgumentParser
import BatchInference

/// The options of learned answer lengths, which `run` and `bench offline` have in common.
struct PredictionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A predictor of answer lengths for td-pipe, as tideway predictor train wrote it.", valueName: "file"))
    var predictor: String?
    @Option(
        help: ArgumentHelp(
            "The folder of the encoder that the predictor reads prompts with (default: the one that it was trained "
                + "with).",
            valueName: "folder"))
    var encoder: String?
    @Option(
        help: ArgumentHelp(
            "Append to this file what each answer came to, for tideway predictor train; it holds no texts.",
            valueName: "file"))
    var history: String?

    var source: PredictorSource? { predictor.map { PredictorSource(path: $0, encoder: encoder) } }

    /// What no report may be written over.
    var inputs: [(option: String, path: String)] { predictor.map { [("predictor", $0)] } ?? [] }

    /// - Parameters:
    ///   - lengths: the predictors that are asked where a policy names none.
    ///   - policies: all that will run.
    func check(lengths: [String], policies: [PolicyChoice]) throws {
        guard encoder == nil || predictor != nil else {
            throw ValidationError("--encoder is given, and --predictor, which reads prompts with it, is not")
        }
        guard predictor != nil else { return }
        let asked = lengths + policies.compactMap(\.lengths)
        guard policies.contains(where: \.isForecasting), asked.contains("learned") else {
            throw ValidationError(
                "--predictor is given, and no policy that runs asks it: td-pipe with --lengths learned")
        }
    }
}
