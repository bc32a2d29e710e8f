/// A published evaluation, repeated on simulated devices.
package struct EvaluationReport: Sendable {
    /// A model on some devices under one method.
    package struct Cell: Sendable, Hashable {
        package var model: String
        package var cluster: String
        package var method: String
        /// The figures; nil if the model does not fit. `failure` then says why.
        package var figures: Figures?
        package var failure: String?

        package init(model: String, cluster: String, method: String, figures: Figures?, failure: String? = nil) {
            self.model = model
            self.cluster = cluster
            self.method = method
            self.figures = figures
            self.failure = failure
        }
    }

    package struct Figures: Sendable, Hashable {
        package var totalTokensPerSecond: Double
        package var bubbleRatio: Double
        package var phaseSwitches: Int
        package var preemptions: Int
        package var recomputedTokens: Int
        package var blocks: Int

        package init(
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

    /// The speed-up of the evaluated method over another method.
    package struct Ratio: Sendable, Hashable {
        package var over: String
        /// The largest ratio.
        package var best: Double
        /// The smallest ratio.
        package var least: Double
        /// The model and cluster of the largest ratio.
        package var place: String
        /// The largest ratio that was published; nil for a method that the publication does not have.
        package var published: Double?

        package init(over: String, best: Double, least: Double, place: String, published: Double?) {
            self.over = over
            self.best = best
            self.least = least
            self.place = place
            self.published = published
        }
    }

    /// The evaluated method with one part replaced.
    package struct Ablation: Sendable, Hashable {
        package var part: String
        package var label: String
        /// The model and cluster of the ablation.
        package var place: String
        package var figures: Figures
        /// Tokens per second, divided by those of the whole method.
        package var ofWhole: Double

        package init(part: String, label: String, place: String, figures: Figures, ofWhole: Double) {
            self.part = part
            self.label = label
            self.place = place
            self.figures = figures
            self.ofWhole = ofWhole
        }
    }

    package var commandLine: String
    package var title: String
    /// The evaluated method, which is one of the cells' methods.
    package var subject: String
    package var setting: [RunSummary.Line]
    /// What is reproduced of the published figures and what is not, and why: first what is not.
    package var findings: [String]
    package var cells: [Cell]
    package var ratios: [Ratio]
    package var ablations: [Ablation]

    package init(
        commandLine: String, title: String, subject: String, setting: [RunSummary.Line], findings: [String],
        cells: [Cell], ratios: [Ratio], ablations: [Ablation]
    ) {
        self.commandLine = commandLine
        self.title = title
        self.subject = subject
        self.setting = setting
        self.findings = findings
        self.cells = cells
        self.ratios = ratios
        self.ablations = ablations
    }
}
