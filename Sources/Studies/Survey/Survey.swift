import Simulation

/// The same methods in many settings, to see where each is ahead and where it is not.
package struct Survey: Sendable {
    package let settings: [SurveySetting]
    /// With different labels.
    package let methods: [StudyMethod]

    package init(settings: [SurveySetting], methods: [StudyMethod]) {
        self.settings = settings
        self.methods = methods
    }

    /// The figures of a run, or why there are none.
    package typealias Outcome = Result<RunFigures, SimulationError>

    /// Runs a method in a setting. Runs do not depend on each other.
    package func run(setting: Int, method: Int) -> Outcome {
        var study = Study(settings: settings[setting].settings, workload: settings[setting].workload)
        study.recordsRuns = false
        do throws(SimulationError) { return .success(RunFigures(try study.run(methods[method]))) } catch {
            return .failure(error)
        }
    }

    /// Puts the outcomes of all runs together: setting by setting, method by method.
    /// - Throws: the first failure that is no matter of the setting, such as an account of the core that is wrong.
    package func rows(of outcomes: [Outcome]) throws(SimulationError) -> [SurveyRow] {
        precondition(outcomes.count == settings.count * methods.count)
        for case .failure(let error) in outcomes where ![.doesNotFit, .invalidSetting].contains(error.code) {
            throw error
        }
        return settings.indices.map { place in
            SurveyRow(outcomes: Array(outcomes[place * methods.count..<(place + 1) * methods.count]))
        }
    }
}

/// All methods in one setting.
package struct SurveyRow: Sendable {
    /// In the order of the survey's methods.
    package let outcomes: [Survey.Outcome]

    package init(outcomes: [Survey.Outcome]) { self.outcomes = outcomes }

    /// The figures of a method; nil if it could not be run.
    package func figures(_ method: Int) -> RunFigures? { try? outcomes[method].get() }

    /// The method with the most tokens a second, the first of several; nil if none ran.
    package var best: Int? {
        var best: Int?
        for method in outcomes.indices {
            guard let figures = figures(method) else { continue }
            if figures.totalTokensPerSecond > best.flatMap(self.figures)?.totalTokensPerSecond ?? 0 { best = method }
        }
        return best
    }

    /// Tokens a second over those of the best method; nil for a method that could not be run.
    package func ratio(_ method: Int) -> Double? {
        guard let figures = figures(method), let best = best.flatMap(self.figures) else { return nil }
        return figures.totalTokensPerSecond / best.totalTokensPerSecond
    }
}

/// How one method did in a survey.
package struct SurveyStanding: Sendable, Hashable {
    /// The settings in which the method ran.
    package let ran: Int
    /// The settings in which no method was faster.
    package let won: Int
    /// The median ratio to the best method of a setting, the mean of the middle two for an even number; nil if it never
    /// ran.
    package let median: Double?
    /// The least ratio, and the place of the setting that has it, the first of several; nil if the method never ran.
    package let least: Least?

    package struct Least: Sendable, Hashable {
        package let ratio: Double
        package let setting: Int
    }

    /// - Parameter method: its place among the methods of the rows.
    package init(of method: Int, in rows: [SurveyRow]) {
        let ratios = rows.enumerated().compactMap { place, row in
            row.ratio(method).map { (setting: place, ratio: $0) }
        }
        ran = ratios.count
        won = ratios.count { $0.ratio == 1 }
        let sorted = ratios.map(\.ratio).sorted()
        median = sorted.isEmpty ? nil : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        least = ratios.min { $0.ratio < $1.ratio }.map { Least(ratio: $0.ratio, setting: $0.setting) }
    }
}
