import ArgumentParser
import BatchInference
import Inference
import Scheduling

/// The options of `run` and `bench offline` for the planning of td-pipe and auto: learned answer lengths, options, step costs.
struct PlanningOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A predictor of answer lengths for td-pipe and auto, as tideway predictor train wrote it.",
            valueName: "file"))
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
    @Option(
        help: ArgumentHelp(
            "Options of td-pipe, also where auto tries it, with commas between and no spaces: "
                + "\(TDPipeOptions.usage).", valueName: "options"))
    var tdPipe: String?
    @Option(
        help: ArgumentHelp(
            "Step costs for td-pipe and auto, as tideway profile wrote them (default: those stored for this model and "
                + "pipeline, or a short measurement at the start).", valueName: "file"))
    var profile: String?

    var source: PredictorSource? { predictor.map { PredictorSource(path: $0, encoder: encoder) } }

    /// The files that no report may overwrite.
    var inputs: [ReportFiles.Named] { [("profile", profile), ("predictor", predictor)] }

    /// - Parameters:
    ///   - lengths: the predictors for policies that name none.
    ///   - policies: all policies that will run.
    func check(lengths: [String], policies: [PolicyChoice]) throws {
        guard encoder == nil || predictor != nil else {
            throw ValidationError("--encoder is given, and --predictor, which reads prompts with it, is not")
        }
        guard predictor != nil else { return }
        let asked = lengths + policies.compactMap(\.lengths)
        guard policies.contains(where: \.isForecasting), asked.contains("learned") else {
            throw ValidationError(
                "--predictor is given, and no policy that runs asks it: td-pipe or auto with --lengths learned")
        }
    }
}
