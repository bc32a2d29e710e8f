/// The lengths of prompts and answers in a kind of workload. Prompt and answer are drawn independently: in ShareGPT the
/// logarithms of their lengths correlate by 0.06.
public struct LengthShape: Sendable, Hashable {
    public let name: String
    public let prompt: LogNormalLengths
    public let output: LogNormalLengths
    /// Where the figures come from.
    public let source: String

    public init(name: String, prompt: LogNormalLengths, output: LogNormalLengths, source: String) {
        self.name = name
        self.prompt = prompt
        self.output = output
        self.source = source
    }

    /// First turns of ShareGPT. Fitted by maximum likelihood, with the cut, to 9,820 turns of 4 to 1,024 prompt tokens.
    ///
    /// Quartiles of the prompts are 14, 37, 108 against 14, 30, 101 in the data, the mean 100 against 111; of the
    /// answers 107, 236, 467 against 129, 266, 408, the mean 315 against 300. Answers above 1,024 tokens, 0.2 % of the
    /// data, are left out.
    public static let shareGPT = LengthShape(
        name: "sharegpt", prompt: LogNormalLengths(known: 3.4107, 1.8021, 4...1024),
        output: LogNormalLengths(known: 5.8178, 1.352, 4...1024),
        source: "fit to 9,820 first turns of ShareGPT")

    /// Instructions of Alpaca: prompts of 21 tokens in the mean and 17 in the median, answers of 164 in the mean. The
    /// spread of the answers is assumed.
    public static let alpaca = LengthShape(
        name: "alpaca", prompt: LogNormalLengths(known: 2.85, 0.625, 1...1024),
        output: LogNormalLengths(known: 4.85, 0.7, 1...1024),
        source: "mean and median as EcoServe's evaluation is remembered (unconfirmed); sigma of answers assumed")

    /// Documents of LongBench cut to 4,096 tokens: prompts of 2,687 tokens in the mean and 2,737 in the median, answers
    /// of 102 and 19.
    public static let longBench = LengthShape(
        name: "longbench", prompt: LogNormalLengths(known: 8.3, 0.6, 16...4096),
        output: LogNormalLengths(known: 2.85, 2.2, 1...2048),
        source: "mean and median as EcoServe's evaluation is remembered (unconfirmed)")

    public static let all = [shareGPT, alpaca, longBench]

    /// - Throws: `unknown_name` with the shapes that there are.
    public static func named(_ name: String) throws(SimulationError) -> LengthShape {
        guard let found = all.first(where: { $0.name == name.lowercased() }) else {
            throw SimulationError(
                .unknownName,
                "there is no workload shape '\(name)'; shapes: \(all.map(\.name).joined(separator: ", "))")
        }
        return found
    }
}
