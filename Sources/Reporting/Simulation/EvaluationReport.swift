/// A published evaluation, done again on simulated devices.
public struct EvaluationReport: Sendable {
    /// A model on some devices under one method.
    public struct Cell: Sendable, Hashable {
        public var model: String
        public var cluster: String
        public var method: String
        /// nil: it does not fit, and `failure` says why.
        public var figures: Figures?
        public var failure: String?

        public init(model: String, cluster: String, method: String, figures: Figures?, failure: String? = nil) {
            self.model = model
            self.cluster = cluster
            self.method = method
            self.figures = figures
            self.failure = failure
        }
    }

    public struct Figures: Sendable, Hashable {
        public var totalTokensPerSecond: Double
        public var bubbleRatio: Double
        public var phaseSwitches: Int
        public var preemptions: Int
        public var recomputedTokens: Int
        public var blocks: Int

        public init(
            totalTokensPerSecond: Double, bubbleRatio: Double, phaseSwitches: Int, preemptions: Int,
            recomputedTokens: Int, blocks: Int
        ) {
            self.totalTokensPerSecond = totalTokensPerSecond
            self.bubbleRatio = bubbleRatio
            self.phaseSwitches = phaseSwitches
            self.preemptions = preemptions
            self.recomputedTokens = recomputedTokens
            self.blocks = blocks
        }
    }

    /// How much faster the evaluated method is than another one at best.
    public struct Ratio: Sendable, Hashable {
        public var over: String
        public var ratio: Double
        /// Model and cluster.
        public var place: String
        public var published: Double

        public init(over: String, ratio: Double, place: String, published: Double) {
            self.over = over
            self.ratio = ratio
            self.place = place
            self.published = published
        }
    }

    /// The evaluated method with a part exchanged.
    public struct Ablation: Sendable, Hashable {
        public var part: String
        public var label: String
        /// Model and cluster.
        public var place: String
        public var figures: Figures
        /// Tokens a second over those of the whole method.
        public var ofWhole: Double

        public init(part: String, label: String, place: String, figures: Figures, ofWhole: Double) {
            self.part = part
            self.label = label
            self.place = place
            self.figures = figures
            self.ofWhole = ofWhole
        }
    }

    public var commandLine: String
    public var title: String
    /// The method that is evaluated: one of the cells' methods.
    public var subject: String
    public var setting: [RunSummary.Line]
    public var cells: [Cell]
    public var ratios: [Ratio]
    public var ablations: [Ablation]

    public init(
        commandLine: String, title: String, subject: String, setting: [RunSummary.Line], cells: [Cell],
        ratios: [Ratio], ablations: [Ablation]
    ) {
        self.commandLine = commandLine
        self.title = title
        self.subject = subject
        self.setting = setting
        self.cells = cells
        self.ratios = ratios
        self.ablations = ablations
    }
}
