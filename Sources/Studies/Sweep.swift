import Simulation

/// One setting that takes several values in turn.
package struct Sweep: Sendable, Hashable {
    /// One of `StudyKeys.names`.
    package let key: String
    package let values: [String]

    /// Reads `rate=1,2,4`.
    /// - Throws: `malformed_text` for another form or a repeated value, `unknown_name` for an unknown key.
    package init(parsing text: String) throws(SimulationError) {
        let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let values = halves.count == 2 ? halves[1].split(separator: ",", omittingEmptySubsequences: false) : []
        guard !values.isEmpty, !values.contains(where: \.isEmpty) else {
            throw SimulationError(.malformedText, "the sweep '\(text)' is not of the form rate=1,2,4")
        }
        for (index, value) in values.enumerated() where values[..<index].contains(value) {
            throw SimulationError(.malformedText, "the sweep '\(text)' has the value \(value) twice")
        }
        key = try StudyKeys.key(named: String(halves[0])).name
        self.values = values.map(String.init)
    }

    /// The settings of each value, in order.
    /// - Throws: the error of `StudySettings.set` for a value.
    package func points(
        of settings: StudySettings, from catalogue: Catalogue = .standard
    ) throws(SimulationError) -> [StudySettings] {
        var points: [StudySettings] = []
        for value in values {
            var changed = settings
            try changed.set(key, to: value, from: catalogue)
            points.append(changed)
        }
        return points
    }
}
