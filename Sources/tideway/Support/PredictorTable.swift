import LengthPrediction
import Reporting

/// A length predictor for people.
enum PredictorTable {
    /// A line for a finished pass over the data.
    static func line(_ progress: TrainingProgress) -> String {
        "\(progress.kind.rawValue), part \(progress.fold + 1), pass \(progress.epoch): validation error "
            + Quantities.fixed(progress.validationLoss, digits: 3)
    }

    /// What the predictor was trained on, and how well it did then.
    static func text(_ file: PredictorFile) -> String {
        let origin = file.origin
        let facts = [
            ["forecast by", file.predictor.kind.rawValue],
            ["model", "\(origin.model), \(String(origin.modelFingerprint, radix: 16))"],
            ["encoder", "\(origin.encoder), \(String(origin.encoderFingerprint, radix: 16))"],
            ["reads", "\(origin.window) tokens of a prompt, \(origin.keep.rawValue)"],
            [
                "learned from",
                "\(Quantities.grouped(file.answers)) answers, data \(String(file.dataDigest, radix: 16))",
            ],
            ["mean answer", "\(Quantities.fixed(file.predictor.overallMean, digits: 1)) tokens"],
        ]
        return TextTable(rows: facts).rendered() + "\n" + text(file.evaluation)
    }

    /// Predictors compared with each other.
    static func text(_ evaluation: LengthEvaluation) -> String {
        let header = ["predictor", "class", "off by, classes", "off by, tokens", "sum of 64", "sum of 256", "bias"]
        let rows = evaluation.rows.map { row in
            [
                row.name, Quantities.percent(row.accuracy, digits: 1), Quantities.fixed(row.classError, digits: 3),
                Quantities.fixed(row.tokenError, digits: 1), Quantities.percent(row.sumError64, digits: 2),
                Quantities.percent(row.sumError256, digits: 2), Quantities.percent(row.bias, digits: 2),
            ]
        }
        let cuts = evaluation.cuts.map(String.init).joined(separator: ", ")
        return
            "\(Quantities.grouped(evaluation.answers)) answers that were not learned from; the classes end at \(cuts) tokens\n"
            + TextTable(header: header, rows: rows).rendered()
    }
}
